using System.Globalization;

namespace LdcLedger.Domain.Layers;

/// <summary>What stage 1 trains in every layer.</summary>
/// <param name="Projections">In the order of <see cref="Layers.Projections.All"/>.</param>
/// <param name="IsGroup">Whether it is also a group that layers are ranked in, and that stage 2 targets.</param>
/// <param name="Title">Head of its column in a table.</param>
/// <param name="Line">Name of its line in a figure.</param>
/// <param name="Words">In a sentence: "stage 1 tunes ...".</param>
/// <param name="Adjective">In a sentence: "the ... ranking".</param>
/// <param name="Method">How it trains its projections.</param>
public sealed record Regime(
    string Name, IReadOnlyList<string> Projections, bool IsGroup, string Title, string Line, string Words, string Adjective,
    TuningMethod Method = TuningMethod.Lora) : INamed
{
    /// <summary>Head of the column of a targeted tuning: for instance <c>Top-3 MLP</c>.</summary>
    public string Top(int k) => string.Create(CultureInfo.InvariantCulture, $"Top-{k} {Title}");
}

/// <summary>The regimes and groups, a row for each.</summary>
public static class Regimes
{
    public const string Attention = "attention";
    public const string Mlp = "mlp";
    public const string All = "all";
    public const string FullAttention = "full-attention";
    public const string FullMlp = "full-mlp";
    public const string FullAll = "full-all";

    /// <summary>In the order in which specs list them and figures draw them.</summary>
    public static readonly NamedRows<Regime> Rows = new("regime",
        new(Attention, Layers.Projections.InGroup(Attention), IsGroup: true, "Attn", "Attention", "attention", "attention"),
        new(Mlp, Layers.Projections.InGroup(Mlp), IsGroup: true, "MLP", "MLP", "the MLP", "MLP"),
        new(All, Layers.Projections.All, IsGroup: false, "Both", "All", "both", "joint"),
        new(FullAttention, Layers.Projections.InGroup(Attention), IsGroup: false, "Full Attn", "Attention in full", "attention in full",
            "full attention", TuningMethod.Full),
        new(FullMlp, Layers.Projections.InGroup(Mlp), IsGroup: false, "Full MLP", "MLP in full", "the MLP in full", "full MLP",
            TuningMethod.Full),
        new(FullAll, Layers.Projections.All, IsGroup: false, "Full Both", "All in full", "both in full", "full joint", TuningMethod.Full));

    public static IReadOnlyList<string> Every => Rows.Names;

    /// <summary>In the order of the published tables: MLP first.</summary>
    public static readonly IReadOnlyList<string> Groups = [.. Rows.All.Where(r => r.IsGroup).Select(r => r.Name).Reverse()];

    /// <summary>
    /// The regimes in the order of the published tables: groups first, as in <see cref="Groups"/>; then those in full in that order.
    /// </summary>
    public static readonly IReadOnlyList<Regime> InTables = [.. Rows.All.OrderBy(r => r.Method).ThenBy(OrderInTables)];

    /// <summary>A regime by LoRA and the one that trains the same projections in full, whose maps can be compared.</summary>
    public static readonly IReadOnlyList<(Regime Lora, Regime Full)> Twins =
    [
        .. from full in InTables
           where full.Method == TuningMethod.Full
           select (Rows.All.First(r => r.Method == TuningMethod.Lora && r.Projections.SequenceEqual(full.Projections)), full),
    ];

    /// <summary>The methods by which some regimes train, each once.</summary>
    public static IReadOnlyList<TuningMethod> MethodsOf(IEnumerable<string> regimes) =>
        [.. regimes.Select(name => Rows[name].Method).Distinct().Order()];

    /// <summary>What <see cref="All"/> trains, in a sentence: "both groups".</summary>
    public static string BothGroups => $"{Rows[All].Words} groups";

    /// <summary>The run of <see cref="All"/>, in a sentence: rankings, and the gain that others are compared with, are its.</summary>
    public static string FullRun => $"the run that tunes {BothGroups}";

    private static int OrderInTables(Regime regime) =>
        Groups.Index().Where(g => Rows[g.Item].Projections.SequenceEqual(regime.Projections)).Select(g => g.Index)
            .DefaultIfEmpty(Groups.Count).First();

    /// <summary>The row of a group.</summary>
    /// <exception cref="RuleViolation">It is no group.</exception>
    public static Regime Group(string name) => Groups.Contains(name) ? Rows[name]
        : throw new RuleViolation($"'{name}' is not a known group; allowed are {string.Join(", ", Groups)}.");
}

/// <summary>
/// The part a run was first planned to play in the study's tables. A label only: which run fills a cell of a table is decided by its
/// <see cref="Tuning"/>.
/// </summary>
public static class Roles
{
    public const string Pretrained = "pretrained";

    /// <summary>For instance <c>top-3-mlp</c>.</summary>
    public static string Top(int k, string group) => string.Create(CultureInfo.InvariantCulture, $"top-{k}-{group}");
}
