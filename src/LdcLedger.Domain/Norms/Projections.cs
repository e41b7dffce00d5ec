namespace LdcLedger.Domain.Norms;

/// <summary>The seven linear projections of a transformer layer that LoRA adapts, and their two groups. Names are Hugging Face's.</summary>
public static class Projections
{
    public static readonly IReadOnlyList<string> Attention = ["q_proj", "k_proj", "v_proj", "o_proj"];
    public static readonly IReadOnlyList<string> Mlp = ["gate_proj", "up_proj", "down_proj"];

    /// <summary>All seven, in the order in which a layer applies them; every sorted list of projections uses this order.</summary>
    public static readonly IReadOnlyList<string> All = [.. Attention, .. Mlp];

    /// <summary>The projections that a regime or group (<c>attention</c>, <c>mlp</c>, <c>all</c>) adapts.</summary>
    public static IReadOnlyList<string> Of(string regimeOrGroup) => regimeOrGroup switch
    {
        Regimes.Attention => Attention,
        Regimes.Mlp => Mlp,
        Regimes.All => All,
        _ => throw new RuleViolation($"'{regimeOrGroup}' is no regime; allowed are attention, mlp and all."),
    };

    /// <summary>The group of a projection: <c>attention</c> or <c>mlp</c>.</summary>
    public static string GroupOf(string projection) =>
        Attention.Contains(projection) ? Regimes.Attention
        : Mlp.Contains(projection) ? Regimes.Mlp
        : throw new RuleViolation($"'{projection}' is no projection; allowed are {string.Join(", ", All)}.");

    /// <summary>Position in <see cref="All"/>: the order of every sorted list of projections.</summary>
    public static int Order(string projection)
    {
        for (var i = 0; i < All.Count; i++)
            if (All[i] == projection)
                return i;
        throw new RuleViolation($"'{projection}' is no projection; allowed are {string.Join(", ", All)}.");
    }
}

/// <summary>What stage 1 adapts in every layer. <c>attention</c> and <c>mlp</c> are also the two groups that layers are ranked in.</summary>
public static class Regimes
{
    public const string Attention = "attention";
    public const string Mlp = "mlp";
    public const string All = "all";

    public static readonly IReadOnlyList<string> Every = [Attention, Mlp, All];
    public static readonly IReadOnlyList<string> Groups = [Mlp, Attention];
}
