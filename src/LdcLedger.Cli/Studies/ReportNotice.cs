using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Reports;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Cli.Studies;

/// <summary>Says what a reader of a report that was just written should know.</summary>
internal static class ReportNotice
{
    private const int Shown = 20;

    public static void Say(ReportDocument document, WrittenReport written)
    {
        var lacking = ReportFiles.WithoutFont(document);
        if (lacking.Count > 0)
            Screen.Say($"No font of a report has {string.Join(' ', lacking.Take(Shown))}{(lacking.Count > Shown ? " ..." : "")}: PDF and "
                + "figures show boxes there. HTML, LaTeX, Markdown, CSV and JSON have the characters.");
        if (written.Removed.Count > 0)
            Screen.Say($"Removed {Plural.Of(written.Removed.Count, "file")} of the report that was there before, which this one does not "
                + "have.");
        if (written.Changed.Count > 0)
            Screen.Say($"Of the report that was there before, and changed since, so left as they are: "
                + $"{string.Join(", ", written.Changed.Take(Shown))}{(written.Changed.Count > Shown ? ", ..." : "")}.");
    }
}
