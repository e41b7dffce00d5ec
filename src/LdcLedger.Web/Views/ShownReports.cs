using System.Globalization;
using System.IO.Compression;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Reports;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;

namespace LdcLedger.Web.Views;

/// <summary>A form in which a report is given away.</summary>
/// <param name="Extension">By which an address asks for it.</param>
/// <param name="Words">What it is.</param>
public sealed record ReportForm(string Extension, string ContentType, string Words, Func<ReportDocument, byte[]> Content)
{
    public static readonly IReadOnlyList<ReportForm> All =
    [
        Of("pdf", "application/pdf", "PDF", "pdf"),
        Of("html", "text/html; charset=utf-8", "HTML, in one file", "html"),
        Of("tex", "application/x-tex; charset=utf-8", "LaTeX, without its figures", "latex"),
        Of("md", "text/markdown; charset=utf-8", "Markdown, without its figures", "markdown"),
        Of("json", "application/json; charset=utf-8", "JSON", "json"),
        new("zip", "application/zip", "tables in full precision, CSV files in a ZIP archive", Tables),
    ];

    /// <exception cref="NotThere">There is no such form.</exception>
    public static ReportForm Find(string extension) => All.FirstOrDefault(form => form.Extension == extension)
        ?? throw new NotThere($"A report has no form '{extension}'; its forms are {string.Join(", ", All.Select(f => f.Extension))}.");

    private static ReportForm Of(string extension, string contentType, string words, string format) => new(
        extension, contentType, words,
        document => ReportFiles.Content(document, [format]).Single(file => file.Path == $"report.{extension}").Content());

    private static byte[] Tables(ReportDocument document)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (path, content) in ReportFiles.Content(document, ["csv"]))
            {
                var entry = archive.CreateEntry(path, CompressionLevel.Optimal);
                entry.LastWriteTime = document.AsOf;   // the report's only clock
                using var stream = entry.Open();
                stream.Write(content());
            }
        return bytes.ToArray();
    }
}

/// <summary>Reports of studies, as <c>ldc report build</c> writes them: a document is built once while others ask for the same.</summary>
public sealed class ShownReports(HeavyWork work)
{
    private readonly Kept<ReportDocument> _documents = new(4);
    private readonly Kept<StudyFigures> _figures = new(8);

    public HeavyWork Work => work;

    /// <summary>The study that the path names, and the rules that it is reported under.</summary>
    public static async Task<(ShownStudy Study, IReadOnlyList<AggregationRule> Rules)> AskedAsync(
        View view, StudyDepth depth = StudyDepth.All)
    {
        var rules = await view.RulesAsync();
        var study = await view.StudyAsync(rules, depth);
        return (study, rules ?? [study.Study.Rule]);
    }

    /// <summary>The report that an address asks for, in one of its forms; it is being made.</summary>
    internal async Task<LaterFile> FileAsync(View view, ReportForm form)
    {
        var (study, rules) = await AskedAsync(view);
        return new(
            work.RunAsync(() => form.Content(Document(study, rules)), view.Cancellation), form.ContentType,
            string.Create(CultureInfo.InvariantCulture, $"report-{study.Id:N}-{study.Facts.Position}.{form.Extension}"));
    }

    /// <summary>Built now, or already.</summary>
    /// <param name="study">With its norms.</param>
    public ReportDocument Document(ShownStudy study, IReadOnlyList<AggregationRule> rules) =>
        _documents.Of(KeyOf(study, rules), () => StudyReport.Build(study.Facts, rules));

    /// <summary>The figures of the report under one rule, likewise.</summary>
    /// <param name="withLosses">Whether losses are among them, which have to have been read.</param>
    internal StudyFigures Figures(ShownNorms norms, bool withLosses = true) => _figures.Of(
        $"{KeyOf(norms.Study, [norms.Rule])} {norms.Key} {withLosses}",
        () => StudyFigures.Of(norms.Study.Facts, norms.Rule, withLosses));

    // A root is of a position of one study.
    private static string KeyOf(ShownStudy study, IReadOnlyList<AggregationRule> rules) =>
        $"{study.Facts.Root} {string.Join(' ', rules.Select(rule => $"{rule.Reference} {rule.Hash}"))}";

    /// <summary>The last that were asked for.</summary>
    private sealed class Kept<T>(int most)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, (T Item, long Used)> _items = [];
        private long _uses;

        // Of two who ask at once, both may make it: the same.
        public T Of(string key, Func<T> make)
        {
            lock (_lock)
                if (_items.TryGetValue(key, out var kept))
                {
                    _items[key] = (kept.Item, ++_uses);
                    return kept.Item;
                }
            var made = make();
            lock (_lock)
            {
                if (_items.Count >= most)
                    _items.Remove(_items.MinBy(k => k.Value.Used).Key);
                _items[key] = (made, ++_uses);
            }
            return made;
        }
    }
}
