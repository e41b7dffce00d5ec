using System.Text.RegularExpressions;

namespace LdcLedger.Reports.Documents;

/// <summary>Finds what a text refers to: "Table 3" is a reference where the document has a Table 3.</summary>
public sealed partial class References
{
    // Between the word and the number of a reference, so that no line ends there; drawn as a space.
    private const char NoBreak = '\u00A0';

    private readonly Dictionary<string, string> _anchors = new(StringComparer.Ordinal);

    public References(ReportDocument document)
    {
        foreach (var table in document.Blocks.OfType<ReportTable>())
            _anchors[table.Label] = AnchorOf(table);
        foreach (var grid in document.Blocks.OfType<FigureGrid>())
            _anchors[grid.Label] = grid.Anchor;
        foreach (var equation in document.Blocks.OfType<Equation>())
            _anchors[equation.Label] = AnchorOf(equation);
        Add(document.Sections, "Section ");

        void Add(IReadOnlyList<ReportSection> sections, string prefix)
        {
            for (var i = 0; i < sections.Count; i++)
            {
                _anchors[$"{prefix}{i + 1}"] = sections[i].Anchor;
                Add(sections[i].Sections, $"{prefix}{i + 1}.");
            }
        }
    }

    public static string AnchorOf(ReportTable table) => "table-" + table.Name.Replace('/', '-');

    public static string AnchorOf(Equation equation) => "equation-" + equation.Name.Replace('/', '-');

    /// <summary>The text with references, and numbers with their %, kept on one line.</summary>
    public string Bound(string text) =>
        Percent().Replace(Reference().Replace(text, Bound), $"{NoBreak}%");

    private string Bound(Match match) => _anchors.ContainsKey(match.Value) ? match.Value.Replace(' ', NoBreak) : match.Value;

    /// <summary>The text in pieces, a reference with the anchor that it leads to.</summary>
    /// <param name="withBrackets">
    /// Whether a reference has the brackets and points with it that no space parts from it, and the space after them.
    /// </param>
    public IEnumerable<(string Text, string? Anchor)> In(string text, bool withBrackets = false)
    {
        var done = 0;
        foreach (var match in Reference().Matches(text).Cast<Match>())
        {
            if (!_anchors.TryGetValue(match.Value.Replace(NoBreak, ' '), out var anchor))
                continue;
            var (start, end) = (match.Index, match.Index + match.Length);
            while (withBrackets && start > done && char.IsPunctuation(text[start - 1]))
                start--;
            while (withBrackets && end < text.Length && char.IsPunctuation(text[end]))
                end++;
            if (withBrackets && end < text.Length && text[end] == ' ')
                end++;
            if (start > done)
                yield return (text[done..start], null);
            yield return (text[start..end], anchor);
            done = end;
        }
        if (done < text.Length)
            yield return (text[done..], null);
    }

    [GeneratedRegex(@"\b(?:Table|Figure|Equation|Section)[ \u00A0][0-9]+(?:\.[0-9]+)*")]
    private static partial Regex Reference();

    [GeneratedRegex(@"(?<=[0-9]) %")]
    private static partial Regex Percent();
}
