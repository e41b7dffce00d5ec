using System.Globalization;
using System.Text.RegularExpressions;
using LdcLedger.Reports.Pdf;
using QuestPDF.Fluent;
using QuestPDF.Infrastructure;
using SkiaSharp;

namespace LdcLedger.Reports.Quest;

/// <summary>
/// What becomes known of the pages while QuestPDF draws them, and what its own files lack: tags, bookmarks, where links lead. Elements that
/// draw nothing note where its canvas is, and what comes next.
/// </summary>
internal sealed partial class QuestPages : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly PdfFile _file;
    private readonly List<PdfPage> _pages = [];
    private readonly List<PdfPlace> _places = [];
    private readonly List<(PdfPage Page, SKRect Area, int Tag)> _tagged = [];

    public QuestPages() => _file = new(_output);

    public void Dispose()
    {
        _file.Dispose();
        _output.Dispose();
    }

    /// <summary>To be drawn first on every page.</summary>
    public void Begin(SKCanvas canvas) => _pages.Add(new(canvas, _pages.Count + 1, _file));

    /// <summary>A tag that is made where the first thing that it marks is drawn.</summary>
    /// <param name="parent">The document where it is null.</param>
    public static Func<PdfPage, int> Tag(string type, Func<PdfPage, int>? parent = null, string entries = "")
    {
        int? tag = null;
        return page => tag ??= page.Tags.Add(parent?.Invoke(page) ?? page.Tags.Document, type, entries);
    }

    /// <summary>What is put into the container belongs to a tag.</summary>
    /// <param name="place">That it is the place of; null for none.</param>
    public IContainer Tagged(IContainer container, Func<PdfPage, int> tag, StripTitle? place = null) =>
        Before(container, (page, area) =>
        {
            page.Begin(tag(page));
            _tagged.Add((page, area, tag(page)));
            if (place is not null && !_places.Exists(known => known.Title == place))
                _places.Add(new(place, page.Number, area.Top));
        });

    /// <summary>What is put into the container says nothing: a header, a footer, what a page repeats.</summary>
    public IContainer Decoration(IContainer container) => Before(container, (page, _) => page.Decorate());

    /// <summary>A click into the container leads to a place.</summary>
    public IContainer Link(IContainer container, string anchor, Func<PdfPage, int> tag) =>
        Before(container, (page, area) =>
        {
            page.Begin(tag(page));
            page.Link(area, anchor, tag(page));
        });

    /// <summary>Draws a figure, which is told to those who cannot see it.</summary>
    public void Draw(IContainer container, string type, string alternative, Action<SKCanvas> draw)
    {
        Func<PdfPage, int>? tag = null;
        Before(container, (page, area) =>
        {
            tag ??= Tag(type, null, TagTree.Alternative(alternative) + PdfFile.Box(area));
            page.Begin(tag(page));
        }).Canvas((canvas, _) => draw(canvas));
    }

    /// <summary>The file, of what QuestPDF wrote.</summary>
    public byte[] File(byte[] drawn, PdfMetadata metadata)
    {
        var pdf = new SkiaPdf(new MemoryStream(drawn));
        AddReferences(pdf);
        foreach (var page in _pages)
            _file.Add(page);
        _file.Finish(pdf, metadata, _places);
        return _output.ToArray();
    }

    /// <summary>References within a text, which QuestPDF alone can place: each is a link of the text around it.</summary>
    private void AddReferences(SkiaPdf pdf)
    {
        var tagged = _tagged.ToLookup(text => text.Page);
        foreach (var (page, id) in _pages.Zip(pdf.Pages))
        {
            var dictionary = pdf.Dictionary(id);
            if (!dictionary.Contains("/Annots ", StringComparison.Ordinal))
                continue;
            foreach (var link in SkiaPdf.References(SkiaPdf.Value(dictionary, "Annots")).Select(pdf.Dictionary))
            {
                var (corners, anchor) = (Corners().Match(link), Anchor().Match(link).Groups[1].Value);
                var area = new SKRect(
                    Number(corners, 1), PdfPage.Height - Number(corners, 4), Number(corners, 3), PdfPage.Height - Number(corners, 2));
                var around = tagged[page].Where(text => text.Area.Contains(area.MidX, area.MidY))
                    .MinBy(text => text.Area.Width * text.Area.Height);
                page.Link(area, anchor, _file.Tags.Add(around.Tag, "Link"));
            }
        }

        static float Number(Match corners, int at) => float.Parse(corners.Groups[at].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"/Rect \[([-.0-9]+) ([-.0-9]+) ([-.0-9]+) ([-.0-9]+)\]")]
    private static partial Regex Corners();

    // Before an anchor QuestPDF puts the number of the document: 0 | anchor.
    [GeneratedRegex(@"/Dest /\S*#20([A-Za-z0-9-]+)")]
    private static partial Regex Anchor();

    private IContainer Before(IContainer container, Action<PdfPage, SKRect> note)
    {
        IContainer? content = null;
        container.Layers(layers =>
        {
            layers.Layer().Canvas((canvas, size) =>
            {
                var at = canvas.TotalMatrix;
                // QuestPDF has cut the canvas to the element, and what is noted stands at the page's corner.
                canvas.Restore();
                canvas.Save();
                canvas.ResetMatrix();
                note(_pages[^1], SKRect.Create(at.TransX, at.TransY, size.Width, size.Height));
                canvas.Restore();
                canvas.Save();
            });
            content = layers.PrimaryLayer();
        });
        return content!;
    }
}
