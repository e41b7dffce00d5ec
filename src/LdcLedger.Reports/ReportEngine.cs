using System.Text;
using LdcLedger.Domain;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Pdf;
#if QUEST_PDF
using LdcLedger.Reports.Quest;
#endif
using LdcLedger.Reports.Verification;

namespace LdcLedger.Reports;

/// <summary>What makes a report's file of its document.</summary>
/// <param name="Format">pdf or html.</param>
/// <param name="Name">As its files name it, with a version.</param>
/// <param name="Write">The file, as it comes: one of a thousand pages need not be in memory.</param>
public sealed record ReportEngine(string Format, string Name, Action<ReportDocument, Stream> Write)
{
    /// <summary>All that this program has; the first of a format is the one that reports are built with.</summary>
    public static readonly IReadOnlyList<ReportEngine> All =
    [
#if QUEST_PDF
        new("pdf", QuestReport.Engine, (document, file) => file.Write(QuestReport.Render(document))),
#endif
        new("pdf", PdfReport.Engine, (document, file) => PdfReport.Write(document, file)),
        new("html", HtmlReport.Engine, (document, file) => file.Write(Encoding.UTF8.GetBytes(HtmlReport.Render(document)))),
    ];

    /// <summary>What reports are built with.</summary>
    public static ReportEngine OfFormat(string format) => All.First(engine => engine.Format == format);

    public byte[] Render(ReportDocument document)
    {
        using var file = new MemoryStream();
        Write(document, file);
        return file.ToArray();
    }

    /// <summary>The one that made a file, whatever its version.</summary>
    /// <exception cref="RuleViolation">This program lacks it.</exception>
    public static ReportEngine Of(ReportFile file)
    {
        static string Family(string engine) => engine.Split(' ', ',')[0];
        return All.FirstOrDefault(engine => engine.Format == file.Format && Family(engine.Name) == Family(file.Engine))
            ?? throw new RuleViolation(
                $"the report was drawn by {file.Engine}, and this ldc has only "
                + $"{Plural.List([.. All.Where(e => e.Format == file.Format).Select(e => e.Name)])} for {file.Format.ToUpperInvariant()}: "
                + "verify it with the ldc that made it.");
    }
}
