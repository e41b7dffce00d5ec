using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Cli.Adapters;

/// <summary><c>ldc adapter inspect DIR</c>: how far an adapter moves each module, whoever made it, and what else is in it.</summary>
internal static class AdapterInspect
{
    public static readonly Argument<string> Adapter = new("DIR")
    {
        Description = "A PEFT adapter: a folder with adapter_config.json and adapter_model.safetensors.",
    };
    private static readonly Option<string?> Base = new("--base")
    {
        Description = "The Hugging Face directory that it was trained on; adds ||W||_F and ||dW||_F / ||W||_F.",
        HelpName = "MODEL_DIR",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "inspect",
        "Show an adapter's rank, alpha and targets, and the norm of its update of every module and layer.\n\n"
        + "||dW||_F is the Frobenius norm of (alpha / r) B A, of (alpha / sqrt r) B A where the adapter is rank-stabilised; that of DoRA\n"
        + "needs --base. A layer's total is the sum over its modules, as under the rule block-sum; its relative change the mean of\n"
        + "||dW||_F / ||W||_F, as under block-relative-mean.",
        Run, Adapter, Base, Json)
    {
        Examples = ["ldc adapter inspect my-adapter", "ldc adapter inspect my-adapter --base models/Llama-3.2-1B --json | jq .layers"],
    };

    /// <summary>What layers are totalled by: every set of projections that some regime trains.</summary>
    private static readonly IReadOnlyList<Regime> Totalled =
        [.. Regimes.Rows.All.DistinctBy(regime => string.Join(',', regime.Projections))];

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var directory = arguments.GetValue(Adapter)!;
        var adapter = PeftAdapter.Load(directory);
        var modules = ModulesOf(adapter, arguments.GetValue(Base));
        var layers = LayersOf(modules);
        if (arguments.GetValue(Json))
            PrintJson(directory, adapter, modules, layers);
        else
            Print(directory, adapter, modules, layers);
        return Task.FromResult(ExitCodes.Done);
    }

    private static List<Row> ModulesOf(PeftAdapter adapter, string? baseDirectory)
    {
        using var checkpoint = baseDirectory is null ? null : new Checkpoint(baseDirectory);
        var weights = checkpoint is null ? null : AdaptedWeights.Of(checkpoint, adapter);
        return [.. adapter.Modules.Select((m, i) => new Row(
            m.Factors.ModulePath, m.Factors.Layer < 0 ? null : m.Factors.Layer, m.Factors.Projection,
            m.Factors.Layer < 0 ? null : Projections.GroupOf(m.Factors.Projection), m.Factors.Rank, m.Factors.OutFeatures,
            m.Factors.InFeatures, m.Alpha, m.Scale, m.Magnitudes is not null,
            weights is null ? m.DeltaFrobenius() : weights[i].DeltaFrobenius(), weights?[i].BaseFrobenius()))];
    }

    /// <summary>Scored as a study's rules score them; nothing where a norm depends on a base that was not given.</summary>
    private static List<LayerTotals> LayersOf(List<Row> modules)
    {
        var blocks = modules.Where(m => m.Layer is not null).ToList();
        if (blocks.Exists(m => m.DeltaFrobenius is null))
            return [];
        var run = new RunNorms(Guid.Empty, Guid.Empty, "", "", "", null, [.. blocks.Select(m =>
            new ModuleNorm(1, m.Layer!.Value, m.Projection, m.DeltaFrobenius!.Value, m.BaseFrobenius ?? double.NaN, m.Out, m.In))]);
        var hasBase = blocks.Exists(m => m.BaseFrobenius is not null);
        var totals =
            from regime in Totalled
            from sum in Rankings.Scores(AggregationRule.BlockSum, [run], regime.Name)
            let relative = hasBase
                ? Rankings.Scores(AggregationRule.BlockRelativeMean, [run], regime.Name).First(s => s.Layer == sum.Layer).Score
                : (double?)null
            group (Regime: regime.Name, Norm: new Total(sum.Score, relative)) by sum.Layer into layer
            orderby layer.Key
            select new LayerTotals(layer.Key, Totalled.ToDictionary(
                regime => regime.Name, regime => (Total?)layer.FirstOrDefault(t => t.Regime == regime.Name).Norm));
        return [.. totals];
    }

    private static void PrintJson(string directory, PeftAdapter adapter, List<Row> modules, List<LayerTotals> layers) =>
        Screen.PrintJson(new
    {
        adapter = directory,
        adapter.PeftType,
        base_model = adapter.BaseModel,
        rank = adapter.Rank,
        alpha = adapter.Alpha,
        adapter.RankStabilised,
        scale = ScaleOfAll(modules),
        adapter.Dropout,
        projections = ProjectionsOf(modules),
        trainable = modules.Sum(m => m.Parameters),
        modules,
        layers = layers.Select(l => l.ByRegime.Aggregate(
            new Dictionary<string, object?> { ["layer"] = l.Layer }, (entry, total) =>
            {
                entry[total.Key] = total.Value;
                return entry;
            })),
        also = adapter.Also.Select(extra => new { extra.Kind, tensors = extra.Tensors.Select(t => new { t.Name, t.Shape }) }),
        adapter.NotMerged,
    });

    private static void Print(string directory, PeftAdapter adapter, List<Row> modules, List<LayerTotals> layers)
    {
        var hasBase = modules.Exists(m => m.BaseFrobenius is not null);
        List<(string Name, string Value)> facts =
        [
            ("adapter", directory),
            ("base", adapter.BaseModel ?? "not named"),
            .. modules.Count == 0 ? [("type", adapter.PeftType)] : FactsOf(adapter, modules),
            .. adapter.Also.Select(extra => ("also", $"{extra.Words} ({Count(extra.Tensors.Count)}): {Some(extra)}")),
            .. adapter.NotMerged.Select(reason => ("no merge", reason)),
        ];
        foreach (var (name, value) in facts)
            Screen.Print($"{name,-10} {value}");
        if (modules.Count == 0)
            return;
        Screen.Print("");
        var table = new TextTable(
            ["module", "group", ">r", ">out", ">in", ">||dW||_F", .. hasBase ? (string[])[">||W||_F", ">relative"] : []]);
        foreach (var m in modules)
            table.Add([m.Module, m.Group ?? "", Count(m.Rank), Count(m.Out), Count(m.In), Norm(m.DeltaFrobenius),
                .. hasBase ? (string[])[Norm(m.BaseFrobenius), Norm(m.Relative)] : []]);
        Screen.Print(table);
        if (layers.Count == 0)
            return;
        Screen.Print("");
        var totals = new TextTable([">layer", .. Totalled.Select(r => $">{r.Name}"),
            .. hasBase ? Totalled.Select(r => $">{r.Name} relative") : []]);
        foreach (var l in layers)
            totals.Add([Count(l.Layer), .. Totalled.Select(r => Norm(l.ByRegime[r.Name]?.DeltaFrobenius)),
                .. hasBase ? Totalled.Select(r => Norm(l.ByRegime[r.Name]?.Relative)) : []]);
        Screen.Print(totals);
    }

    private static List<(string Name, string Value)> FactsOf(PeftAdapter adapter, List<Row> modules)
    {
        var blocks = modules.Where(m => m.Layer is not null).Select(m => m.Layer!.Value).Distinct().Order().ToList();
        List<(string Name, string Value)> facts =
        [
            ("rank", ByModule([.. modules.Select(m => (double)m.Rank)])),
            ("alpha", ByModule([.. modules.Select(m => m.Alpha)]) + (adapter.RankStabilised ? ", rank-stabilised" : "")
                + ", so an update is " + (ScaleOfAll(modules) is { } scale ? $"{scale.ToString("G6", CultureInfo.InvariantCulture)} B A"
                    : adapter.RankStabilised ? "(alpha / sqrt r) B A" : "(alpha / r) B A")),
            ("dropout", Number(adapter.Dropout)),
            ("targets", string.Join(", ", ProjectionsOf(modules)) + (blocks.Count == 0 ? ""
                : $" of {(blocks.Count == 1 ? "layer" : "layers")} {Ranges(blocks)}")),
            ("trainable", $"{Count(modules.Sum(m => m.Parameters))} parameters in {Count(modules.Count)} "
                + (modules.Count == 1 ? "module" : "modules")),
        ];
        if (modules.Exists(m => m.IsDora))
            facts.Add(("DoRA", "an update is magnitude / ||W + scale B A|| by row, so its norm depends on the base"
                + (modules.Exists(m => m.DeltaFrobenius is null) ? ": --base shows it" : "")));
        var odd = modules.Where(m => m.DeltaFrobenius is { } norm && !double.IsFinite(norm)).Select(m => m.Module).ToList();
        if (odd.Count > 0)
            facts.Add(("not finite", $"{Count(odd.Count)} {(odd.Count == 1 ? "module has" : "modules have")} NaN or infinite numbers, the "
                + $"first is {odd[0]}"));
        return facts;
    }

    /// <summary>Null where modules differ in it.</summary>
    private static double? ScaleOfAll(List<Row> modules) =>
        modules.Select(m => m.Scale).Distinct().Count() == 1 ? modules[0].Scale : null;

    private static string ByModule(List<double> values) =>
        values.Min() == values.Max() ? Number(values[0]) : $"{Number(values.Min())} to {Number(values.Max())}, by module";

    private static string Some(PeftExtra extra)
    {
        const int atMost = 4;
        return string.Join(", ", extra.Tensors.Take(atMost).Select(t => $"{t.Name} [{string.Join(", ", t.Shape)}]"))
            + (extra.Tensors.Count > atMost ? ", ..." : "");
    }

    private static List<string> ProjectionsOf(List<Row> modules) =>
        [.. Projections.All.Where(p => modules.Exists(m => m.Group is not null && m.Projection == p)),
            .. modules.Where(m => m.Group is null).Select(m => m.Module)];

    private static string Ranges(List<int> layers)
    {
        var starts = layers.Where(l => !layers.Contains(l - 1));
        return string.Join(", ", starts.Select(first => (First: first, Last: layers.First(l => l >= first && !layers.Contains(l + 1))))
            .Select(r => r.First == r.Last ? $"{r.First}" : $"{r.First} to {r.Last}"));
    }

    private static string Count(long n) => n.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Norm(double? value) => value?.ToString("0.000e+00", CultureInfo.InvariantCulture) ?? "-";

    /// <param name="Layer">Null outside of the text tower's blocks.</param>
    /// <param name="Scale">An update is Scale B A, unless it is DoRA's.</param>
    /// <param name="DeltaFrobenius">Null where it depends on a base that was not given.</param>
    private sealed record Row(string Module, int? Layer, string Projection, string? Group, int Rank, int Out, int In, double Alpha,
        double Scale, bool IsDora, double? DeltaFrobenius, double? BaseFrobenius)
    {
        public double? Relative => DeltaFrobenius / BaseFrobenius;

        public long Parameters => (long)Rank * (Out + In) + (IsDora ? Out : 0);
    }

    /// <param name="DeltaFrobenius">Sum of ||dW||_F.</param>
    /// <param name="Relative">Mean of ||dW||_F / ||W||_F.</param>
    private sealed record Total(double DeltaFrobenius, double? Relative);

    /// <param name="ByRegime">Null where a layer has none of a regime's projections.</param>
    private sealed record LayerTotals(int Layer, IReadOnlyDictionary<string, Total?> ByRegime);
}
