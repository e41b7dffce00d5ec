using LdcLedger.Cli.Terminal;
using LdcLedger.Reports;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Cli.Studies;

/// <summary>Says which characters of a report no font can draw, before a reader sees boxes.</summary>
internal static class FontNotice
{
    private const int Shown = 20;

    public static void Say(ReportDocument document)
    {
        var lacking = ReportFiles.WithoutFont(document);
        if (lacking.Count > 0)
            Screen.Say($"No font of a report has {string.Join(' ', lacking.Take(Shown))}{(lacking.Count > Shown ? " ..." : "")}: PDF and "
                + "figures show boxes there. HTML, LaTeX, Markdown, CSV and JSON have the characters.");
    }
}
