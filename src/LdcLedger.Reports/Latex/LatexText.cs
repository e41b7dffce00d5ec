using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Latex;

/// <summary>
/// Any text as LaTeX source that pdfLaTeX sets with its standard fonts, and that XeLaTeX and LuaLaTeX set, too. What those fonts lack
/// becomes a macro, <c>\ldcchar{6570}{数}</c>: pdfLaTeX prints the code point, unless a package defines the character; the others print
/// the character where the paper's font has it.
/// </summary>
internal static partial class LatexText
{
    /// <summary>Letters that LaTeX makes of its first encoding, OT1; they stand in the source as they are.</summary>
    internal const string Letters =
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿĀāĂăĆćĈĉĊċČčĎďĒēĔĕĖėĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭİıĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŌōŎŏŐőŒœ"
        + "ŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŴŵŶŷŸŹźŻżŽžȘșȚț¡¿§¶†‡•…£©®™€";

    /// <summary>Letters that only its second encoding, T1, has.</summary>
    internal const string MoreLetters = "ĄąĘęĮįŲųĐđÐðÞþŊŋ«»‹›‚„";

    private static readonly Dictionary<string, string> Signs = new(StringComparer.Ordinal)
    {
        ["\\"] = @"\textbackslash{}", ["~"] = @"\textasciitilde{}", ["^"] = @"\textasciicircum{}", ["<"] = @"\textless{}",
        [">"] = @"\textgreater{}", ["|"] = @"\textbar{}", ["`"] = @"\textasciigrave{}",
        // Not \textquotedbl, which OT1 lacks; and not the sign itself, which babel makes a command of.
        ["\""] = @"{\char34}",
        // After the end of a row, both would be read as its arguments.
        ["["] = "{[}", ["*"] = "{*}",
        ["‐"] = "-", ["‑"] = @"\mbox{-}", ["–"] = "--", ["—"] = "---", ["‘"] = "`", ["’"] = "'", ["“"] = "``", ["”"] = "''",
        ["\u00A0"] = "~", ["\u202F"] = "~", ["\u00AD"] = @"\-", ["\uFB01"] = "fi", ["\uFB02"] = "fl",
    };

    private static readonly Dictionary<string, string> Mathematics = new(StringComparer.Ordinal)
    {
        ["−"] = "-", ["×"] = @"\times", ["·"] = @"\cdot", ["÷"] = @"\div", ["±"] = @"\pm", ["¬"] = @"\neg", ["‖"] = @"\Vert",
        ["√"] = @"\surd", ["∞"] = @"\infty", ["∑"] = @"\sum", ["∈"] = @"\in", ["≤"] = @"\leq", ["≥"] = @"\geq", ["≠"] = @"\neq",
        ["≈"] = @"\approx", ["←"] = @"\leftarrow", ["→"] = @"\rightarrow", ["ℓ"] = @"\ell", ["°"] = @"^{\circ}", ["µ"] = @"\mu",
        ["¹"] = "^{1}", ["²"] = "^{2}", ["³"] = "^{3}", ["₀"] = "_{0}", ["₁"] = "_{1}", ["₂"] = "_{2}", ["₃"] = "_{3}",
        ["α"] = @"\alpha", ["β"] = @"\beta", ["γ"] = @"\gamma", ["δ"] = @"\delta", ["ε"] = @"\varepsilon", ["ζ"] = @"\zeta",
        ["η"] = @"\eta", ["θ"] = @"\theta", ["ι"] = @"\iota", ["κ"] = @"\kappa", ["λ"] = @"\lambda", ["μ"] = @"\mu", ["ν"] = @"\nu",
        ["ξ"] = @"\xi", ["π"] = @"\pi", ["ρ"] = @"\rho", ["σ"] = @"\sigma", ["τ"] = @"\tau", ["υ"] = @"\upsilon", ["φ"] = @"\varphi",
        ["χ"] = @"\chi", ["ψ"] = @"\psi", ["ω"] = @"\omega", ["Γ"] = @"\Gamma", ["Δ"] = @"\Delta", ["Θ"] = @"\Theta",
        ["Λ"] = @"\Lambda", ["Ξ"] = @"\Xi", ["Π"] = @"\Pi", ["Σ"] = @"\Sigma", ["Φ"] = @"\Phi", ["Ψ"] = @"\Psi", ["Ω"] = @"\Omega",
    };

    /// <summary>What the macros of a text mean; each file that has them says so itself, so that it can be put into any paper.</summary>
    private static readonly (string Name, string Definition)[] Macros =
    [
        (@"\ldcchar{", @"\providecommand{\ldcchar}[2]{\ifdefined\Umathcode\iffontchar\font""#1 #2\else\texttt{U+#1}\allowbreak\fi"
            + @"\else\ifcsname u8:\detokenize{#2}\endcsname#2\else\texttt{U+#1}\allowbreak\fi\fi}"),
        (@"\ldcletter{", @"\providecommand{\ldcletter}[1]{\ifdefined\Umathcode#1\else{\fontencoding{T1}\selectfont#1}\fi}"),
        // The largest size of type at which so many em fit the line: with space between columns, or with little of it before the smallest.
        (@"\ldctable{", @"\providecommand{\ldctable}[2]{\normalsize\ifdim#1em>\linewidth\small\fi\ifdim#1em>\linewidth\footnotesize\fi"
            + @"\ifdim#1em>\linewidth\scriptsize\fi\setlength{\tabcolsep}{0.5em}"
            + @"\ifdim#1em>\linewidth\ifdim#2em>\linewidth\tiny\fi\setlength{\tabcolsep}{0.3em}\fi}"),
    ];

    /// <summary>Lines that come before the source, for the macros that it uses.</summary>
    public static IEnumerable<string> DefinitionsFor(string source) =>
        Macros.Where(m => source.Contains(m.Name, StringComparison.Ordinal)).Select(m => m.Definition);

    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        var last = default(Rune);
        foreach (var rune in text.Normalize(NormalizationForm.FormC).EnumerateRunes())
        {
            // Two hyphens would become a dash, two apostrophes a quotation mark.
            if (rune == last && rune.Value is '-' or '\'' or ',')
                escaped.Append("{}");
            escaped.Append(Escape(rune));
            last = rune;
        }
        return escaped.ToString();
    }

    /// <summary>A sign inside of a formula.</summary>
    public static string Sign(string sign) =>
        Mathematics.TryGetValue(sign, out var command) ? command + " " : sign.Length == 0 || char.IsAscii(sign[0]) ? Escape(sign)
            : $@"\mbox{{{Escape(sign)}}}";

    /// <summary>A text with leave to break inside of words that are wider than the column, for lack of other places.</summary>
    /// <param name="em">The width of the column.</param>
    public static string Breakable(string text, double em, bool exact) => string.Join(' ', text.Split(' ').Select(word =>
        LatexWidth.Of(word, exact) <= em ? Escape(word)
            : string.Concat(word.Normalize(NormalizationForm.FormC).EnumerateRunes().Select(rune => Escape(rune) + @"\allowbreak{}"))));

    // A longer one, such as a name without spaces, would not fit beside others on a line of prose.
    private const double WidestWord = 20;

    /// <summary>With references to what the text names, and numbers with their % on one line.</summary>
    /// <param name="references">Null: the text stands alone.</param>
    public static string Of(string text, References? references) =>
        string.Concat((references?.In(Bound(text)) ?? [(Bound(text), null)]).Select(piece => piece.Anchor is { } anchor
            ? Reference(piece.Text, anchor) : Breakable(piece.Text, WidestWord, false)));

    private static string Bound(string text) => Percent().Replace(text, "\u00A0%");

    [GeneratedRegex(@"(?<=[0-9]) %")]
    private static partial Regex Percent();

    // Table 3: the word, and LaTeX's own number of what is meant.
    private static string Reference(string text, string anchor)
    {
        var word = text[..text.IndexOfAny([' ', '\u00A0'])];
        var (kind, name) = word switch
        {
            "Table" => ("tab", anchor["table-".Length..]),
            "Figure" => ("fig", anchor),
            "Equation" => ("eq", anchor["equation-".Length..]),
            "Section" => ("sec", anchor),
            _ => throw new ArgumentException($"{text} is a reference of no known kind.", nameof(text)),
        };
        return $@"{word}~\ref{{{kind}:{Key(name)}}}";
    }

    public static string Key(ReportTable table) => "tab:" + Key(table.Name);

    public static string Key(FigureGrid grid) => "fig:" + Key(grid.Anchor);

    public static string Key(Equation equation) => "eq:" + Key(equation.Name);

    /// <summary>In ASCII letters, digits, full stops and hyphens alone: a key is read by packages of every kind.</summary>
    public static string Key(string name) => string.Concat(name.EnumerateRunes().Select(rune =>
        rune.IsAscii ? char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value == '.' ? rune.ToString() : "-" : $"u{rune.Value:x}"));

    /// <summary>pdfLaTeX's standard fonts have nothing for it.</summary>
    public static bool IsPrintedAsCode(Rune rune)
    {
        var sign = rune.ToString();
        return !rune.IsAscii && !Rune.IsControl(rune) && !Signs.ContainsKey(sign) && !Mathematics.ContainsKey(sign)
            && !Letters.Contains(sign, StringComparison.Ordinal) && !MoreLetters.Contains(sign, StringComparison.Ordinal);
    }

    private static string Escape(Rune rune)
    {
        var sign = rune.ToString();
        if (Signs.TryGetValue(sign, out var known))
            return known;
        if (Mathematics.TryGetValue(sign, out var mathematics))
            return $"${mathematics}$";
        if (rune.IsAscii)
            return sign is "&" or "%" or "$" or "#" or "_" or "{" or "}" ? "\\" + sign : rune.Value < ' ' || rune.Value == 127 ? " " : sign;
        if (Rune.IsControl(rune))
            return " ";
        if (IsPrintedAsCode(rune))
            return string.Create(CultureInfo.InvariantCulture, $@"\ldcchar{{{rune.Value:X4}}}{{{sign}}}");
        return MoreLetters.Contains(sign, StringComparison.Ordinal) ? $@"\ldcletter{{{sign}}}" : sign;
    }
}
