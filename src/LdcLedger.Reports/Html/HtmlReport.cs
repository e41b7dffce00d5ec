using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Text;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Fonts;

namespace LdcLedger.Reports.Html;

/// <summary>
/// A report as one HTML file that needs nothing else: style, fonts and figures inside, no script, light and dark, for a screen of any width
/// and for paper.
/// </summary>
public static class HtmlReport
{
    /// <summary>Name of the meta element that says of what the file was made.</summary>
    internal const string OriginName = "ldc-report";

    // One for Chinese takes half a second.
    private static readonly ConcurrentDictionary<string, string> Packed = new(StringComparer.Ordinal);

    private static readonly Lazy<string> OwnFaces = new(() => string.Concat(ReportFonts.Own.Select(font =>
        FontFace(font.File, font.Family, font.Weight, font.Style))));

    /// <summary>What makes the file, as it says itself.</summary>
    public static string Engine { get; } = $"HTML, figures by {Skia.Version}";

    public static string Render(ReportDocument document)
    {
        var page = new StringBuilder();
        var blocks = new HtmlBlocks(new References(document));
        void Line(string line) => page.Append(line).Append('\n');
        Line("<!DOCTYPE html>");
        Line("<html lang=\"en\">");
        Line("<head>");
        Line("<meta charset=\"utf-8\">");
        Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        Line("<meta name=\"color-scheme\" content=\"light dark\">");
        Line("<meta name=\"generator\" content=\"LdcLedger\">");
        Line($"<meta name=\"{OriginName}\" content=\"{Text(document.Origin.Text(Engine))}\">");
        Line($"<title>{Text(document.Title)}</title>");
        Line($"<style>\n{OwnFaces.Value}{ScriptFaces(document)}{Style()}</style>");
        Line("</head>");
        Line("<body>");
        Line("<header>");
        Line($"<h1>{Text(document.Title)}</h1>");
        Line($"<p class=\"subtitle\">{Text(document.Subtitle)}</p>");
        if (document.Notice is { } notice)
            Line($"<p class=\"notice\">{blocks.Linked(notice)}</p>");
        Line(blocks.Facts(document.Facts));
        Line("</header>");
        Line("<nav aria-label=\"Contents\"><ol>");
        foreach (var section in document.Sections)
            Line($"<li><a href=\"#{section.Anchor}\">{Text(section.Title)}</a></li>");
        Line("</ol></nav>");
        Line("<main>");
        foreach (var (section, i) in document.Sections.Select((s, i) => (s, i)))
            Section(page, section, $"{i + 1}", 2, blocks);
        Line("</main>");
        Line($"<footer>{Text(document.Footer)}</footer>");
        Line("</body>");
        Line("</html>");
        return page.ToString();
    }

    private static void Section(StringBuilder page, ReportSection section, string number, int level, HtmlBlocks blocks)
    {
        page.Append($"<section id=\"{section.Anchor}\">\n");
        page.Append($"<h{level}><span class=\"number\">{number}</span> {Text(section.Title)}</h{level}>\n");
        foreach (var block in section.Blocks)
            page.Append(block.Draw(blocks)).Append('\n');
        foreach (var (child, i) in section.Sections.Select((s, i) => (s, i)))
            Section(page, child, $"{number}.{i + 1}", level + 1, blocks);
        page.Append("</section>\n");
    }

    /// <summary>The fonts of the scripts that the report's names are in, and a variable that lists them behind its own.</summary>
    private static string ScriptFaces(ReportDocument document)
    {
        var names = document.Origin.Fonts.Select(font => font.Name).ToHashSet();
        var scripts = ReportFonts.Scripts.Where(font => names.Contains(font.File.Name)).ToList();
        var listed = string.Concat(scripts.Select(font => $"\"{font.Typeface.FamilyName}\", "));
        return string.Concat(scripts.Select(font => FontFace(font.File, font.Typeface.FamilyName, 400, "normal")))
            + (scripts.Count == 0 ? "" : $":root {{ --scripts: {listed.TrimEnd()} }}\n");
    }

    private static string FontFace(FontFile font, string family, int weight, string style) =>
        $"@font-face {{ font-family: \"{family}\"; font-weight: {weight}; font-style: {style}; "
        + $"src: url(data:font/woff;base64,{Packed.GetOrAdd(font.Name, _ => Convert.ToBase64String(WebFont.Of(font.Bytes())))}) "
        + "format(\"woff\"); }\n";

    private static string Style()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        var colors = FigureFiles.Variables;
        var day = string.Join(' ', colors.Select(c => $"--{c.Name}: {c.Color};"));
        var night = string.Join(' ', colors.Select(c => $"--{c.Name}: {c.Dark};"));
        return reader.ReadToEnd().ReplaceLineEndings("\n")
            + $":root {{ {day} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {night} }} }}\n";
    }

    internal static string Text(string text) => WebUtility.HtmlEncode(text);
}
