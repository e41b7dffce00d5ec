namespace LdcLedger.Domain.Layers;

/// <summary>A linear projection of a transformer layer that can be trained.</summary>
/// <param name="Name">Hugging Face's, and the last part of the tensor's name.</param>
/// <param name="Group">Name of the group that it is ranked in.</param>
public sealed record Projection(string Name, string Group) : INamed;

/// <summary>
/// The seven projections of a layer, a row for each, in the order in which a layer applies them: the order of every sorted list of
/// projections.
/// </summary>
public static class Projections
{
    private static readonly NamedRows<Projection> Rows = new("projection",
        new("q_proj", "attention"),
        new("k_proj", "attention"),
        new("v_proj", "attention"),
        new("o_proj", "attention"),
        new("gate_proj", "mlp"),
        new("up_proj", "mlp"),
        new("down_proj", "mlp"));

    public static IReadOnlyList<string> All => Rows.Names;

    /// <summary>The projections that a regime or group (<c>attention</c>, <c>mlp</c>, <c>all</c>) trains.</summary>
    /// <exception cref="RuleViolation">There is no such regime.</exception>
    public static IReadOnlyList<string> Of(string regimeOrGroup) => Regimes.Rows[regimeOrGroup].Projections;

    /// <summary>The group of a projection: <c>attention</c> or <c>mlp</c>.</summary>
    /// <exception cref="RuleViolation">There is no such projection.</exception>
    public static string GroupOf(string projection) => Rows[projection].Group;

    /// <summary>Position in <see cref="All"/>.</summary>
    /// <exception cref="RuleViolation">There is no such projection.</exception>
    public static int Order(string projection)
    {
        for (var i = 0; i < All.Count; i++)
            if (All[i] == projection)
                return i;
        throw new RuleViolation($"'{projection}' is not a known projection; allowed are {string.Join(", ", All)}.");
    }

    internal static IReadOnlyList<string> InGroup(string group) => [.. Rows.All.Where(p => p.Group == group).Select(p => p.Name)];
}
