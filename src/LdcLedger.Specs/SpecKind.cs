namespace LdcLedger.Specs;

/// <summary>A kind of YAML file that is read here, in the words of its findings.</summary>
/// <param name="Name">With its article: <c>a study spec</c>.</param>
/// <param name="Short">In a sentence about the very file: <c>the spec</c> has no models.</param>
/// <param name="Begin">Where to get one to begin with.</param>
/// <param name="Least">What the shortest of its kind has.</param>
public sealed record SpecKind(string Name, string Short, string Begin, string Least)
{
    public static readonly SpecKind Study =
        new("a study spec", "the spec", "`ldc study init DIR` writes a spec to begin with", "has at least the keys models and domains");

    public static readonly SpecKind Rule =
        new("a rule file", "the rule", "`ldc rules show block-sum` prints one to begin with", "has at least the key name");
}
