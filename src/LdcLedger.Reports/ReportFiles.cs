using System.Text;
using LdcLedger.Domain;
using LdcLedger.Reports.Csv;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Json;
using LdcLedger.Reports.Latex;
using LdcLedger.Reports.Markdown;
using LdcLedger.Reports.Pdf;

namespace LdcLedger.Reports;

/// <summary>What was done to a folder of reports.</summary>
/// <param name="Files">Written: paths below the folder, in the order of their names.</param>
/// <param name="Removed">Of another report that was there before, and not of this one.</param>
/// <param name="Changed">Likewise, but left as they are because somebody changed them.</param>
public sealed record WrittenReport(IReadOnlyList<string> Files, IReadOnlyList<string> Removed, IReadOnlyList<string> Changed);

/// <summary>Writes a report into a folder, in any of its formats; <c>infra/report-files.md</c> says what each is.</summary>
public static class ReportFiles
{
    private const string ReportPdf = "report.pdf";

    public static readonly IReadOnlyList<string> Formats = ["pdf", "html", "latex", "markdown", "csv", "figures", "json"];

    /// <summary>
    /// Writes the given formats: all of them, or nothing. A file of an earlier report is replaced, and one that this report does not have
    /// is removed; formats of this very report that were built before stay. Throws <see cref="RuleViolation"/> for an unknown format,
    /// <see cref="IOException"/> where the folder takes no files.
    /// </summary>
    public static WrittenReport Write(
        ReportDocument document, string folder, IReadOnlyCollection<string>? formats = null, CancellationToken cancellation = default)
    {
        Check(formats);
        using var staged = new StagedReport(folder);
        var written = Add(document, staged.Path, formats, cancellation);
        staged.CheckPlaces(written);
        var record = ReportRecord.In(folder);
        // What ends this process from here on, the next to build here knows whose the files are.
        record.Announce(document.Origin, staged.Path, written);
        staged.Finish(written);
        var (removed, changed) = record.Renew(document.Origin, written);
        return new(written, removed, changed);
    }

    /// <summary>Writes files of the given formats, each whole or not at all, beside whatever is there.</summary>
    /// <returns>Paths of the files written, below <paramref name="folder"/>, in the order of their names.</returns>
    public static IReadOnlyList<string> Add(
        ReportDocument document, string folder, IReadOnlyCollection<string>? formats = null, CancellationToken cancellation = default)
    {
        Check(formats);
        var written = new List<string>();
        foreach (var (path, content) in Content(document, formats ?? Formats))
        {
            cancellation.ThrowIfCancellationRequested();
            // The one that may be long goes to its file page by page.
            if (path == ReportPdf)
                Write(folder, path, file => ReportEngine.OfFormat("pdf").Write(document, file));
            else
                Write(folder, path, content());
            written.Add(path);
        }
        written.Sort(StringComparer.Ordinal);
        return written;
    }

    private static void Check(IReadOnlyCollection<string>? formats)
    {
        foreach (var format in formats ?? [])
            if (!Formats.Contains(format))
                throw new RuleViolation($"'{format}' is not a report format; the formats are {string.Join(", ", Formats)}.");
    }

    /// <summary>Characters of a report's names that no font of a report has: PDF and figures show boxes for them.</summary>
    public static IReadOnlyList<string> WithoutFont(ReportDocument document) =>
    [
        .. ReportFonts.Lacking(document.Data.SelectMany(data => data.Rows).SelectMany(row => row).OfType<string>()
            .Append(document.Title).Distinct()),
    ];

    /// <summary>Writes a file beside a report's own, whole or not at all.</summary>
    /// <exception cref="IOException">The folder takes no files.</exception>
    public static void Write(string folder, string path, byte[] content) => Write(folder, path, file => file.Write(content));

    private static void Write(string folder, string path, Action<Stream> write)
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        WholeFile.Write(file, write);
    }

    /// <summary>Every file of the formats; its bytes are made when asked for, so that they are never all in memory.</summary>
    internal static IEnumerable<(string Path, Func<byte[]> Content)> Content(ReportDocument document, IReadOnlyCollection<string> formats)
    {
        if (formats.Contains("csv"))
            foreach (var data in document.Data)
                yield return (data.Path, () => Utf8(CsvFile.Of(data)));
        var own = new BlockFiles(new References(document));
        foreach (var file in document.Blocks.SelectMany(block => block.Draw(own)).Where(file => file.Formats.Any(formats.Contains)))
            yield return (file.Path, file.Content);
        if (formats.Contains("latex"))
            yield return ("report.tex", () => Utf8(LatexReport.Of(document)));
        if (formats.Contains("markdown"))
            yield return ("report.md", () => Utf8(MarkdownReport.Of(document)));
        if (formats.Contains("json"))
            yield return ("report.json", () => JsonReport.Of(document));
        if (formats.Contains("html"))
            yield return ("report.html", () => Utf8(HtmlReport.Render(document)));
        if (formats.Contains("pdf"))
            yield return (ReportPdf, () => ReportEngine.OfFormat("pdf").Render(document));
    }

    /// <param name="Formats">The formats that it belongs to: what report.tex and report.md show comes with them.</param>
    private readonly record struct BlockFile(string[] Formats, string Path, Func<byte[]> Content);

    /// <summary>What a block has as files of its own, beside the pages that show it.</summary>
    private sealed class BlockFiles(References references) : IBlockRenderer<IEnumerable<BlockFile>>
    {
        public IEnumerable<BlockFile> Draw(ReportTable block) =>
            [new(["latex"], $"tables/{block.Name}.tex", () => Utf8(LatexTable.Of(block, references)))];

        public IEnumerable<BlockFile> Draw(FigureGrid block)
        {
            yield return new(["latex"], $"figures/{block.Anchor}.tex", () => Utf8(LatexFigures.Of(block, references)));
            foreach (var figure in block.Figures)
            {
                yield return new(["figures", "latex"], figure.File + ".pdf", () => FigurePdf.Of(figure));
                yield return new(["figures", "markdown"], figure.File + ".svg", () => Utf8(FigureFiles.SvgFile(figure)));
                yield return new(["figures"], figure.File + ".png", () => FigureFiles.Png(figure));
            }
        }

        public IEnumerable<BlockFile> Draw(Equation block) =>
            [new(["latex"], $"equations/{block.Name}.tex", () => Utf8(LatexFormula.Of(block)))];

        // Prose is the page's alone.
        public IEnumerable<BlockFile> Draw(Paragraph block) => [];
        public IEnumerable<BlockFile> Draw(BulletList block) => [];
        public IEnumerable<BlockFile> Draw(FactList block) => [];
        public IEnumerable<BlockFile> Draw(KeyNumbers block) => [];
        public IEnumerable<BlockFile> Draw(Verbatim block) => [];
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
