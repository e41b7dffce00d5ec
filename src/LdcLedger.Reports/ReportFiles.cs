using System.Text;
using LdcLedger.Domain;
using LdcLedger.Reports.Csv;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Html;
using LdcLedger.Reports.Latex;
using LdcLedger.Reports.Pdf;

namespace LdcLedger.Reports;

/// <summary>Writes a report into a folder: report.pdf, report.html, tables/*.csv, tables/*.tex, figures/*.{svg,png}.</summary>
public static class ReportFiles
{
    public static readonly IReadOnlyList<string> Formats = ["pdf", "html", "latex", "csv", "figures"];

    /// <summary>
    /// Writes the given formats. Each file appears whole or not at all, under a temporary name first; a file of an earlier report is
    /// replaced. Throws <see cref="RuleViolation"/> for an unknown format, <see cref="IOException"/> where the folder takes no files.
    /// </summary>
    /// <returns>Paths of the files written, below <paramref name="folder"/>, in the order of their names.</returns>
    public static IReadOnlyList<string> Write(ReportDocument document, string folder, IReadOnlyCollection<string>? formats = null)
    {
        foreach (var format in formats ?? [])
            if (!Formats.Contains(format))
                throw new RuleViolation($"'{format}' is no report format; allowed are {string.Join(", ", Formats)}.");
        var written = new List<string>();
        foreach (var (path, content) in Content(document, formats ?? Formats))
        {
            WriteWhole(Path.Combine(folder, path), content());
            written.Add(path);
        }
        written.Sort(StringComparer.Ordinal);
        return written;
    }

    /// <summary>Every file of the formats; its bytes are made when asked for, so that they are never all in memory.</summary>
    internal static IEnumerable<(string Path, Func<byte[]> Content)> Content(ReportDocument document, IReadOnlyCollection<string> formats)
    {
        if (formats.Contains("csv"))
            foreach (var data in document.Data)
                yield return (data.Path, () => Utf8(CsvFile.Of(data)));
        if (formats.Contains("latex"))
            foreach (var table in document.Blocks.OfType<ReportTable>())
                yield return ($"tables/{table.Name}.tex", () => Utf8(LatexTable.Of(table)));
        if (formats.Contains("figures"))
            foreach (var figure in document.Blocks.OfType<FigureGrid>().SelectMany(g => g.Figures))
            {
                yield return (figure.File + ".svg", () => Utf8(FigureFiles.SvgFile(figure)));
                yield return (figure.File + ".png", () => FigureFiles.Png(figure));
            }
        if (formats.Contains("html"))
            yield return ("report.html", () => Utf8(HtmlReport.Render(document)));
        if (formats.Contains("pdf"))
            yield return ("report.pdf", () => PdfReport.Render(document));
    }

    private static void WriteWhole(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Two processes that write the same report must not share the temporary file.
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
