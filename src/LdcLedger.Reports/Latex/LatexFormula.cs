using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Latex;

/// <summary>A formula in LaTeX's own words; needs <c>amsmath</c>.</summary>
public sealed class LatexFormula : IFormulaRenderer<string>
{
    private static readonly LatexFormula Latex = new();

    /// <summary>An equation with a label of its own, for a paper.</summary>
    public static string Of(Equation equation) => LatexFile.Of(
        @"Needs \usepackage{amsmath}; the file is UTF-8.",
        [$@"\begin{{equation}}\label{{{LatexText.Key(equation)}}}", Of(equation.Formula), @"\end{equation}"]);

    public static string Of(Formula formula) => formula.Draw(Latex);

    public string Draw(FormulaText formula) => formula.Kind switch
    {
        FormulaTextKind.Letter => string.Concat(formula.Text.EnumerateRunes().Select(rune => Sign(rune.ToString()))),
        FormulaTextKind.Word => Functions.Contains(formula.Text) ? $@"\{formula.Text}"
            : $@"\operatorname{{{LatexText.Escape(formula.Text)}}}",
        FormulaTextKind.Number => LatexText.Escape(formula.Text),
        FormulaTextKind.Operator => Sign(formula.Text),
    };

    public string Draw(FormulaRow formula) => string.Join(' ', formula.Items.Select(i => i.Draw(this)));

    public string Draw(Fraction formula) => $@"\frac{{{formula.Above.Draw(this)}}}{{{formula.Below.Draw(this)}}}";

    public string Draw(Scripts formula) =>
        $"{{{formula.Of.Draw(this)}}}"
        + (formula.Below is { } below ? $"_{{{below.Draw(this)}}}" : "") + (formula.Above is { } above ? $"^{{{above.Draw(this)}}}" : "");

    public string Draw(Fence formula) => $@"\left{Fence(formula.Open)} {formula.Of.Draw(this)} \right{Fence(formula.Close)}";

    public string Draw(Root formula) => $@"\sqrt{{{formula.Of.Draw(this)}}}";

    public string Draw(LargeOperator formula) =>
        (Functions.Contains(formula.Sign) ? $@"\{formula.Sign}"
            : formula.Sign.Length > 1 ? $@"\operatorname*{{{LatexText.Escape(formula.Sign)}}}" : Sign(formula.Sign))
        + (formula.Below is { } below ? $"_{{{below.Draw(this)}}}" : "") + (formula.Above is { } above ? $"^{{{above.Draw(this)}}}" : "");

    /// <summary>Those that LaTeX has a command for.</summary>
    private static readonly HashSet<string> Functions = ["exp", "ln", "log", "max", "min"];

    private static string Fence(string sign) => sign == "‖" ? @"\Vert" : sign is "{" or "}" ? "\\" + sign : sign;

    private static readonly Dictionary<string, string> Signs = new()
    {
        ["Δ"] = @"\Delta ", ["α"] = @"\alpha ", ["ℓ"] = @"\ell ", ["τ"] = @"\tau ", ["Σ"] = @"\sum", ["−"] = "-", ["·"] = @"\cdot",
        ["×"] = @"\times",
        // Those of text would be other letters here: the bar a j.
        ["|"] = @"\mid", ["<"] = "<", [">"] = ">", ["∈"] = @"\in", ["≠"] = @"\neq", ["≤"] = @"\leq", ["∞"] = @"\infty ",
    };

    private static string Sign(string sign) => Signs.GetValueOrDefault(sign) ?? LatexText.Sign(sign);
}
