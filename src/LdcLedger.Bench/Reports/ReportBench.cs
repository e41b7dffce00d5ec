using System.Diagnostics;
using LdcLedger.Bench.Ledgers;
using LdcLedger.Domain;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Pdf;
using LdcLedger.Reports.Studies;

namespace LdcLedger.Bench.Reports;

/// <summary>
/// How long the report of a study of the reference's size takes as PDF, and how much memory; and whether an appendix of a thousand pages is
/// written page by page.
/// </summary>
public sealed class ReportBench(TimeProvider time)
{
    public const double TargetSeconds = 5, TargetMegabytes = 500, TargetOfAppendix = 500;

    private const double Megabyte = 1024 * 1024;

    // Of a table of eight columns.
    private const int RowsOfAPage = 52;

    /// <param name="models">Models, domains and seeds of the study; the reference has 4, 6 and 5.</param>
    /// <param name="pages">Of the appendix, about.</param>
    /// <param name="rounds">The first counts, as for whoever builds one report; the others say what a warm program takes.</param>
    public IReadOnlyList<Measurement> Run(int models, int domains, int seeds, int layers, int pages, int rounds)
    {
        var facts = MadeUpFacts.Of(models, domains, seeds, layers);
        var seconds = new List<double>();
        var (drawn, length) = (0, 0L);
        for (var round = 0; round < rounds; round++)
        {
            var begun = time.GetTimestamp();
            (drawn, length) = Draw(StudyReport.Build(facts));
            seconds.Add(time.GetElapsedTime(begun).TotalSeconds);
        }
        var peak = Peak();
        var rates = new Dictionary<string, double>
        {
            ["pages"] = drawn, ["megabytes"] = length / Megabyte, ["runs"] = facts.Runs.Count, ["first_seconds"] = seconds[0],
            ["median_seconds"] = Sample.Median(seconds),
        };
        var appendix = Appendix(facts, pages);
        var (began, before) = (time.GetTimestamp(), GC.GetTotalMemory(forceFullCollection: true));
        (drawn, length) = Draw(appendix);
        var ofAppendix = new Dictionary<string, double>
        {
            ["pages"] = drawn, ["megabytes"] = length / Megabyte, ["seconds"] = time.GetElapsedTime(began).TotalSeconds,
            ["document_megabytes"] = before / Megabyte,
        };
        return
        [
            new("report-time", "the reference study's report, built and drawn as PDF for the first time",
                seconds[0], "s", TargetSeconds, false, rates),
            new("report-memory", "most memory of the process until then", peak, "MB", TargetMegabytes, false, rates),
            new("appendix-memory", $"most memory of the process with an appendix of {drawn} pages",
                Peak(), "MB", TargetOfAppendix, false, ofAppendix),
        ];
    }

    private static (int Pages, long Bytes) Draw(ReportDocument document)
    {
        using var nowhere = new CountingStream();
        return (PdfReport.Write(document, nowhere), nowhere.Length);
    }

    private static double Peak()
    {
        using var own = Process.GetCurrentProcess();
        return own.PeakWorkingSet64 / Megabyte;
    }

    private static ReportDocument Appendix(StudyFacts facts, int pages)
    {
        var document = StudyReport.Build(facts);
        string[] titles = ["Layer", "Projection", "Seed", "Epoch", "Norm", "Relative", "Per element", "Rank"];
        var rows = Enumerable.Range(0, pages * RowsOfAPage).Select(r => (IReadOnlyList<ReportCell>)
        [
            .. titles.Select((_, c) => new ReportCell($"{r * 7919 % 100_000 + c}")),
        ]).ToList();
        var table = new ReportTable(
            "appendix", "Table 999", "Every number.", [.. titles.Select(title => new ReportColumn(title, ColumnKind.Number))],
            [new(null, rows)], []);
        return document with { Sections = [new("appendix", "Appendix", [table], [])] };
    }
}
