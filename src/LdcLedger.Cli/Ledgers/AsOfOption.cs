using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Replay;

namespace LdcLedger.Cli.Ledgers;

/// <summary><c>--as-of</c>: how things stood at an earlier moment, folded from the events up to it.</summary>
internal static class AsOfOption
{
    /// <summary>Of verbs about one study or run.</summary>
    public static readonly Option<string?> OfStudy = new("--as-of")
    {
        Description = "As it stood at a position of the study (the number of its events), or at a time such as 2026-11-25T15:30:00Z: its\n"
            + "last event in ledger order that is not later.",
        HelpName = "POSITION|TIME",
    };

    /// <summary>Of lists.</summary>
    public static readonly Option<string?> OfList = new("--as-of")
    {
        Description = "As it stood at a time such as 2026-11-25T15:30:00Z: each study at its last event in ledger order that is not later.",
        HelpName = "TIME",
    };

    /// <summary>Null where it is not given.</summary>
    public static AsOf? Of(ParseResult arguments) => arguments.GetValue(OfStudy) is { } text ? AsOf.Parse(text) : null;

    /// <summary>Null where it is not given.</summary>
    /// <exception cref="BadInputException">It is a position, of which a list of studies has none.</exception>
    public static DateTimeOffset? TimeOf(ParseResult arguments) => arguments.GetValue(OfList) is not { } text ? null
        : AsOf.Parse(text).Time ?? throw new BadInputException(
            $"--as-of is {text}, a position, and those are of a single study; a list takes a time, such as 2026-11-25T15:30:00Z.");

    /// <summary>Says which moment was found.</summary>
    public static void Say(StudyMoment moment) => Screen.Say($"as of {moment}");
}
