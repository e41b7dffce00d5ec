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
            Screen.Say($"No font here has {string.Join(' ', lacking.Take(Shown))}{(lacking.Count > Shown ? " ..." : "")}: PDF and figures "
                + "show boxes for them. Install one (such as fonts-noto-cjk) and build the report again.");
    }
}
