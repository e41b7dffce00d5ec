using System.CommandLine;
using LdcLedger.Cli.Terminal;

namespace LdcLedger.Cli.Reproductions;

/// <summary>Where models and corpora lie on this machine, where that is not where they lay when the study was submitted.</summary>
internal sealed class Places
{
    public static readonly Option<string[]> Models = new("--model")
    {
        Description = "Where a model lies now: NAME=DIR (default: where it lay when the study was submitted).",
        HelpName = "NAME=DIR",
    };
    public static readonly Option<string[]> Domains = new("--domain")
    {
        Description = "Where a domain's corpus lies now: NAME=PATH (default: likewise).",
        HelpName = "NAME=PATH",
    };

    private readonly Dictionary<string, string> _moved;
    private readonly string _option;

    private Places(string option, IEnumerable<string> moved)
    {
        _option = option;
        _moved = moved.Select(Pair).GroupBy(pair => pair.Name).ToDictionary(same => same.Key, same => same.Last().Path);
    }

    public static Places OfModels(ParseResult arguments) => new(Models.Name, arguments.GetValue(Models) ?? []);

    public static Places OfDomains(ParseResult arguments) => new(Domains.Name, arguments.GetValue(Domains) ?? []);

    /// <exception cref="BadInputException">A name was given that the study does not have.</exception>
    public void Check(IReadOnlyCollection<string> names)
    {
        if (_moved.Keys.FirstOrDefault(name => !names.Contains(name)) is { } unknown)
            throw new BadInputException($"{_option} {unknown}=... names none of the study's: {string.Join(", ", names)}.");
    }

    public string Of(string name, string recorded) => _moved.GetValueOrDefault(name, recorded);

    private (string Name, string Path) Pair(string given)
    {
        var at = given.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && at < given.Length - 1
            ? (given[..at], Path.GetFullPath(given[(at + 1)..]))
            : throw new BadInputException(
                $"{_option} {given}: a name and a path with '=' between are needed, such as {_option} NAME=PATH.");
    }
}
