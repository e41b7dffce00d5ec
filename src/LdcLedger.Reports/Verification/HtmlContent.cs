using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using LdcLedger.Reports.Html;

namespace LdcLedger.Reports.Verification;

/// <summary>What a report of ours says as HTML.</summary>
internal static partial class HtmlContent
{
    /// <summary>Whether it ends as a page does.</summary>
    public static bool IsWhole(string html) => html.TrimEnd().EndsWith("</html>", StringComparison.OrdinalIgnoreCase);

    /// <summary>The origin; null where it has none. And what wrote the file, where it says so.</summary>
    public static (string? Origin, string? Producer) Metadata(string html)
    {
        string? origin = null, producer = null;
        foreach (Match meta in Meta().Matches(html))
            if (meta.Groups["name"].Value == HtmlReport.OriginName)
                origin ??= WebUtility.HtmlDecode(meta.Groups["content"].Value);
            else if (meta.Groups["name"].Value == "generator")
                producer ??= WebUtility.HtmlDecode(meta.Groups["content"].Value);
        return (origin, producer);
    }

    /// <summary>Everything between tags but styles; a line for each part that begins a line, under its heading or caption.</summary>
    public static IReadOnlyList<PlacedLine> Lines(string html)
    {
        var (lines, words, place, heading) = (new List<PlacedLine>(), new List<string>(), "the page", (StringBuilder?)null);
        // A byte order mark, which other programs write, is no word.
        foreach (Match token in Token().Matches(Style().Replace(html.TrimStart('\uFEFF'), "")))
        {
            if (token.Groups["tag"] is { Success: true } tag)
            {
                var name = tag.Value;
                if (BeginsLine().IsMatch(name))
                    End();
                if (Names().IsMatch(name))
                    heading = token.Value[1] == '/' ? Name() : new();
                continue;
            }
            var text = WebUtility.HtmlDecode(token.Value);
            heading?.Append(text);
            words.AddRange(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
        End();
        return lines;

        void End()
        {
            if (words.Count > 0)
                lines.Add(new(place, words));
            words = [];
        }

        StringBuilder? Name()
        {
            if (heading is not null)
                place = $"\"{Clipped(string.Join(' ', heading.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))}\"";
            return null;
        }
    }

    /// <summary>The fonts that it brings: family with weight and style, and SHA-256 of its program.</summary>
    public static IReadOnlySet<(string Name, string Sha256)> Fonts(string html)
    {
        var faces = from style in Style().Matches(html) from face in Face().Matches(style.Value) select face.Groups["face"].Value;
        return faces.Select(face => (
            string.Join(' ', Described().Matches(face).Select(described => described.Groups["value"].Value.Trim())),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Data().Match(face).Groups["data"].Value))))).ToHashSet();
    }

    /// <summary>
    /// Without a byte order mark, and with line feeds at ends of lines: what programs change as they save what they only show.
    /// </summary>
    public static string Plain(string html) => html.TrimStart('\uFEFF').ReplaceLineEndings("\n");

    private static string Clipped(string text) => text.Length <= 60 ? text : text[..60] + "…";

    [GeneratedRegex("""<meta\s+name="(?<name>[^"]*)"\s+content="(?<content>[^"]*)"\s*/?>""")]
    private static partial Regex Meta();

    [GeneratedRegex("<style.*?</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("@font-face\\s*\\{(?<face>[^}]*)\\}")]
    private static partial Regex Face();

    [GeneratedRegex("font-(?:family|weight|style):\\s*\"?(?<value>[^;\"]*)")]
    private static partial Regex Described();

    [GeneratedRegex("base64,(?<data>[^)]*)")]
    private static partial Regex Data();

    [GeneratedRegex("</?(?<tag>[A-Za-z!][^\\s>/]*)[^>]*>|[^<]+|<")]
    private static partial Regex Token();

    [GeneratedRegex("^(h[1-6]|p|li|dt|dd|tr|div|pre|figure|figcaption|section|table|title|text|footer)$")]
    private static partial Regex BeginsLine();

    [GeneratedRegex("^(h[1-6]|figcaption)$")]
    private static partial Regex Names();
}
