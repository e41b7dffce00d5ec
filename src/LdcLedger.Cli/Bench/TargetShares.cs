using System.CommandLine;
using System.Globalization;
using LdcLedger.Bench.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Specs;

namespace LdcLedger.Cli.Bench;

/// <summary>How much of its target each figure has to reach: <c>--at-least X</c> for all, <c>--at-least NAME=X</c> for one.</summary>
internal sealed class TargetShares
{
    public static readonly Option<string[]> AtLeast = new("--at-least")
    {
        Description = "Exit with code 1 if less than this share of a target is reached; NAME=X for one figure.",
        HelpName = "X",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Dictionary<string, double> _one = [];
    private double? _all;

    /// <param name="names">Of the bench's figures.</param>
    /// <exception cref="BadInputException">A share is none, or of a figure that there is not.</exception>
    public static TargetShares Of(ParseResult arguments, params string[] names)
    {
        var shares = new TargetShares();
        foreach (var wish in arguments.GetValue(AtLeast)!)
        {
            var parts = wish.Split('=', 2);
            if (parts.Length == 2 && !names.Contains(parts[0]))
                throw new BadInputException($"--at-least names '{parts[0]}', which is not a figure; "
                    + (NearestName.Of(parts[0], names) is { } near ? $"did you mean '{near}'?" : $"there are {string.Join(", ", names)}."));
            if (!double.TryParse(parts[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var share) || !(share > 0)
                || share > 1_000)
                throw new BadInputException($"--at-least is '{wish}'; it is a share of the target above 0, such as 1 or 0.5, "
                    + "or one figure's, such as append-chained=0.8.");
            if (parts.Length == 2)
                shares._one[parts[0]] = share;
            else
                shares._all = share;
        }
        return shares;
    }

    /// <summary>Says what missed, and gives the exit code.</summary>
    public int Judge(IReadOnlyList<Measurement> measured)
    {
        var code = ExitCodes.Done;
        foreach (var m in measured)
        {
            var wanted = _one.TryGetValue(m.Name, out var one) ? one : _all;
            if (wanted is { } share ? m.Reached >= share : m.IsMet)
                continue;
            Screen.Say(string.Create(CultureInfo.InvariantCulture,
                $"missed: {m.Name} reaches {m.Reached:0.00} of its "
                + $"target{(wanted is { } least ? $"; at least {least} was asked for" : "")}."));
            if (wanted is not null)
                code = ExitCodes.Failed;
        }
        return code;
    }
}
