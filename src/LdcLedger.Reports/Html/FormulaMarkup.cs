using System.Net;

namespace LdcLedger.Reports.Html;

/// <summary>A formula as MathML Core, which browsers set and screen readers read.</summary>
internal sealed class FormulaMarkup : IFormulaRenderer<string>
{
    private static readonly FormulaMarkup Markup = new();

    public static string Of(Formula formula) =>
        $"<math display=\"block\" alttext=\"{Text(FormulaWords.Of(formula))}\">{formula.Draw(Markup)}</math>";

    public string Draw(FormulaText formula) => formula.Kind switch
    {
        // A single letter in mi is set in italics, a longer word upright.
        FormulaTextKind.Letter => Letters(formula.Text),
        FormulaTextKind.Word => $"<mi mathvariant=\"normal\">{Text(formula.Text)}</mi>",
        FormulaTextKind.Number => $"<mn>{Text(formula.Text)}</mn>",
        FormulaTextKind.Operator => $"<mo>{Text(formula.Text)}</mo>",
    };

    public string Draw(FormulaRow formula) => $"<mrow>{string.Concat(formula.Items.Select(i => i.Draw(this)))}</mrow>";

    public string Draw(Fraction formula) => $"<mfrac>{formula.Above.Draw(this)}{formula.Below.Draw(this)}</mfrac>";

    public string Draw(Scripts formula) => (formula.Below, formula.Above) switch
    {
        ({ } below, { } above) => $"<msubsup>{formula.Of.Draw(this)}{below.Draw(this)}{above.Draw(this)}</msubsup>",
        ({ } below, null) => $"<msub>{formula.Of.Draw(this)}{below.Draw(this)}</msub>",
        (null, { } above) => $"<msup>{formula.Of.Draw(this)}{above.Draw(this)}</msup>",
        (null, null) => formula.Of.Draw(this),
    };

    public string Draw(Fence formula) =>
        $"<mrow><mo fence=\"true\" form=\"prefix\">{Text(formula.Open)}</mo>{formula.Of.Draw(this)}"
        + $"<mo fence=\"true\" form=\"postfix\">{Text(formula.Close)}</mo></mrow>";

    public string Draw(Root formula) => $"<msqrt>{formula.Of.Draw(this)}</msqrt>";

    public string Draw(LargeOperator formula)
    {
        var sign = formula.Sign.Length > 1
            ? $"<mi mathvariant=\"normal\">{Text(formula.Sign)}</mi>"
            : $"<mo largeop=\"true\" movablelimits=\"false\">{Text(formula.Sign == "Σ" ? "∑" : formula.Sign)}</mo>";
        return (formula.Below, formula.Above) switch
        {
            ({ } below, { } above) => $"<munderover>{sign}{below.Draw(this)}{above.Draw(this)}</munderover>",
            ({ } below, null) => $"<munder>{sign}{below.Draw(this)}</munder>",
            (null, { } above) => $"<mover>{sign}{above.Draw(this)}</mover>",
            (null, null) => sign,
        };
    }

    private static string Letters(string text)
    {
        var letters = text.EnumerateRunes().Select(rune => $"<mi>{Text(rune.ToString())}</mi>").ToList();
        return letters.Count == 1 ? letters[0] : $"<mrow>{string.Concat(letters)}</mrow>";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
