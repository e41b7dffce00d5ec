using LdcLedger.Domain.Formulas;

namespace LdcLedger.Domain.Rules;

/// <summary>
/// The letters of a rule's formulas: layer l, projection p of a group g, seed s of S, the update ΔW of a weight W, and what is made of
/// them.
/// </summary>
public static class RuleFormulas
{
    public static readonly Formula Group = Formula.Letter("g");
    public static readonly Formula Seed = Formula.Letter("s");
    public static readonly Formula Seeds = Formula.Letter("S");
    public static readonly Formula Perplexity = Formula.Word("PPL");
    public static readonly Formula Pretrained = Formula.Sub(Perplexity, Formula.Word("PT"));

    /// <summary>d_out d_in: elements of a projection's weight.</summary>
    public static readonly Formula Elements =
        Formula.Row(Formula.Sub(Formula.Letter("d"), Formula.Word("out")), Formula.Sub(Formula.Letter("d"), Formula.Word("in")));

    internal static readonly Formula MinMax = Formula.Over(
        Formula.Row(Formula.Word("max"), Formula.Operator("−"), Perplexity),
        Formula.Row(Formula.Word("max"), Formula.Operator("−"), Formula.Word("min")));

    private static readonly Formula InGroup = Formula.Row(Formula.Letter("p"), Formula.Operator("∈"), Group);

    /// <summary>||·||_F</summary>
    public static Formula Norm(Formula of) => Formula.Sub(Formula.Norm(of), Formula.Letter("F"));

    internal static Formula Sum(Formula of) => Formula.Row(Formula.Total("Σ", InGroup), of);

    internal static Formula Largest(Formula of) => Formula.Row(Formula.Total("max", InGroup), of);

    /// <summary>One over how many a set has.</summary>
    internal static Formula Share(Formula set) => Formula.Over(Formula.Number("1"), Formula.Size(set));
}
