using System.Text;

namespace LdcLedger.Reports.Latex;

/// <summary>A LaTeX file that can be put into any paper: it says what it needs, and brings the macros that it uses.</summary>
internal static class LatexFile
{
    public static string Of(string needs, IEnumerable<string> lines)
    {
        var source = string.Concat(lines.Select(line => line + "\n"));
        var text = new StringBuilder($"% {needs}\n");
        foreach (var definition in LatexText.DefinitionsFor(source))
            text.Append(definition).Append('\n');
        return text.Append(source).ToString();
    }
}
