namespace LdcLedger.Domain.Formulas;

/// <summary>
/// A piece of mathematics as data, as far as rules and reports need it. A new kind does not compile until every form of it is there.
/// </summary>
public abstract record Formula
{
    public abstract T Draw<T>(IFormulaRenderer<T> renderer);

    /// <summary>A letter for a quantity.</summary>
    public static Formula Letter(string text) => new FormulaText(text, FormulaTextKind.Letter);

    /// <summary>The name of a function, or a word.</summary>
    public static Formula Word(string text) => new FormulaText(text, FormulaTextKind.Word);

    public static Formula Number(string text) => new FormulaText(text, FormulaTextKind.Number);

    /// <summary>With the space around it that it has between two quantities: = + − · ∈.</summary>
    public static Formula Operator(string text) => new FormulaText(text, FormulaTextKind.Operator);

    public static Formula Row(params IReadOnlyList<Formula> items) => new FormulaRow(items);

    public static Formula Over(Formula above, Formula below) => new Fraction(above, below);

    public static Formula Sub(Formula of, Formula below) => new Scripts(of, below, null);

    public static Formula Super(Formula of, Formula above) => new Scripts(of, null, above);

    public static Formula Root(Formula of) => new Root(of);

    /// <summary>‖ · ‖</summary>
    public static Formula Norm(Formula of) => new Fence("‖", of, "‖");

    public static Formula Brackets(Formula of) => new Fence("(", of, ")");

    /// <summary>|·|, of a set: how many it has.</summary>
    public static Formula Size(Formula of) => new Fence("|", of, "|");

    /// <summary>Σ, or max, with what it runs over below.</summary>
    public static Formula Total(string sign, Formula? below, Formula? above = null) => new LargeOperator(sign, below, above);
}

/// <summary>One form of a formula.</summary>
public interface IFormulaRenderer<out T>
{
    T Draw(FormulaText formula);
    T Draw(FormulaRow formula);
    T Draw(Fraction formula);
    T Draw(Scripts formula);
    T Draw(Fence formula);
    T Draw(Root formula);
    T Draw(LargeOperator formula);
}

public enum FormulaTextKind
{
    Letter,
    Word,
    Number,
    Operator,
}

public sealed record FormulaText(string Text, FormulaTextKind Kind) : Formula
{
    public override T Draw<T>(IFormulaRenderer<T> renderer) => renderer.Draw(this);
}

public sealed record FormulaRow(IReadOnlyList<Formula> Items) : Formula
{
    public override T Draw<T>(IFormulaRenderer<T> renderer) => renderer.Draw(this);
}

public sealed record Fraction(Formula Above, Formula Below) : Formula
{
    public override T Draw<T>(IFormulaRenderer<T> renderer) => renderer.Draw(this);
}

/// <summary>At least one of the two is there.</summary>
public sealed record Scripts(Formula Of, Formula? Below, Formula? Above) : Formula
{
    public override T Draw<T>(IFormulaRenderer<T> renderer) => renderer.Draw(this);
}

public sealed record Fence(string Open, Formula Of, string Close) : Formula
{
    public override T Draw<T>(IFormulaRenderer<T> renderer) => renderer.Draw(this);
}

public sealed record Root(Formula Of) : Formula
{
    public override T Draw<T>(IFormulaRenderer<T> renderer) => renderer.Draw(this);
}

/// <param name="Sign">Σ, or a word such as max.</param>
public sealed record LargeOperator(string Sign, Formula? Below, Formula? Above) : Formula
{
    public override T Draw<T>(IFormulaRenderer<T> renderer) => renderer.Draw(this);
}

/// <summary>A formula in a line of plain text, for those who hear it and for formats that cannot set it: <c>ΔW = (α / r) B A</c>.</summary>
public sealed class FormulaWords : IFormulaRenderer<string>
{
    private static readonly FormulaWords Words = new();

    public static string Of(Formula formula) => formula.Draw(Words);

    public string Draw(FormulaText formula) => formula.Kind == FormulaTextKind.Operator ? $" {formula.Text} " : formula.Text;

    public string Draw(FormulaRow formula)
    {
        var text = "";
        foreach (var item in formula.Items.Select(item => item is Fraction && formula.Items.Count > 1 ? $"({Of(item)})" : Of(item)))
            text += text.Length == 0 || text[^1] is ' ' or '(' || item[0] is ' ' or ',' ? item : " " + item;
        return text;
    }

    public string Draw(Fraction formula) => $"{Inner(formula.Above)} / {Inner(formula.Below)}";

    public string Draw(Scripts formula) =>
        Of(formula.Of) + (formula.Below is { } below ? "_" + Script(below) : "") + (formula.Above is { } above ? "^" + Script(above) : "");

    public string Draw(Fence formula) => formula.Open + Of(formula.Of) + formula.Close;

    public string Draw(Root formula) => $"√({Of(formula.Of)})";

    public string Draw(LargeOperator formula) =>
        formula.Sign + (formula.Below is { } below ? "_" + Script(below) : "") + (formula.Above is { } above ? "^" + Script(above) : "");

    private static string Inner(Formula part) => part is FormulaRow { Items.Count: > 1 } or Fraction ? $"({Of(part)})" : Of(part);

    private static string Script(Formula part)
    {
        var text = Of(part);
        return text.Length == 1 || text.All(char.IsAsciiLetterOrDigit) ? text : $"({text})";
    }
}
