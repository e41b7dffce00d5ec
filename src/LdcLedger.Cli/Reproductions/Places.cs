using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Studies;
using LdcLedger.Worker.Devices;

namespace LdcLedger.Cli.Reproductions;

/// <summary>Where models and corpora lie on this machine, where that is not where they lay when the study was submitted.</summary>
internal static class Places
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

    /// <summary>Whether any was named.</summary>
    public static bool AreGiven(ParseResult arguments) =>
        arguments.GetValue(Models) is { Length: > 0 } || arguments.GetValue(Domains) is { Length: > 0 };

    /// <exception cref="BadInputException">One is no pair, or has a name that the study does not know.</exception>
    public static InputPlaces Of(ParseResult arguments, StudySubmitted study) => new(
        Moved(Models, arguments, [.. study.Models.Select(m => m.Name)]), Moved(Domains, arguments, [.. study.Domains.Select(d => d.Name)]));

    private static Dictionary<string, string> Moved(Option<string[]> option, ParseResult arguments, IReadOnlyCollection<string> names)
    {
        var moved = new Dictionary<string, string>();
        foreach (var given in arguments.GetValue(option) ?? [])
        {
            var at = given.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == given.Length - 1)
                throw new BadInputException(
                    $"{option.Name} {given}: a name and a path with '=' between are needed, such as {option.Name} NAME=PATH.");
            if (!names.Contains(given[..at]))
                throw new BadInputException($"{option.Name} {given[..at]}=... names none of the study's: {string.Join(", ", names)}.");
            moved[given[..at]] = Path.GetFullPath(given[(at + 1)..]);
        }
        return moved;
    }
}
