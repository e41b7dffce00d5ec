using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Cli.Adapters;

/// <summary><c>ldc adapter inspect DIR</c>: how far an adapter moves each module, whoever made it.</summary>
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
        + "||dW||_F is the Frobenius norm of (alpha / r) B A. A layer's total is the sum over its modules, as under the rule block-sum;\n"
        + "its relative change the mean of ||dW||_F / ||W||_F, as under block-relative-mean.",
        Run, Adapter, Base, Json)
    {
        Examples = ["ldc adapter inspect my-adapter", "ldc adapter inspect my-adapter --base models/Llama-3.2-1B --json | jq .layers"],
    };

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
        var bases = checkpoint is null ? null : AdaptedWeights.Of(checkpoint, adapter).Select(w => w.BaseFrobenius()).ToList();
        return [.. adapter.Adapter.Modules.Concat(adapter.Others).Select((m, i) => new Row(
            m.ModulePath, m.Layer < 0 ? null : m.Layer, m.Projection, m.Layer < 0 ? null : Projections.GroupOf(m.Projection),
            m.A.Length / m.InFeatures, m.OutFeatures, m.InFeatures, UpdateNorms.DeltaFrobenius(m, adapter.Adapter.Alpha), bases?[i]))];
    }

    /// <summary>Scored as a study's rules score them.</summary>
    private static List<LayerTotals> LayersOf(List<Row> modules)
    {
        var run = new RunNorms(Guid.Empty, Guid.Empty, "", "", "", null, [.. modules.Where(m => m.Layer is not null).Select(m =>
            new ModuleNorm(1, m.Layer!.Value, m.Projection, m.DeltaFrobenius, m.BaseFrobenius ?? double.NaN, m.Out, m.In))]);
        var hasBase = modules.Exists(m => m.BaseFrobenius is not null);
        var totals =
            from regime in Regimes.Every
            from sum in Rankings.Scores(AggregationRule.BlockSum, [run], regime)
            let relative = hasBase
                ? Rankings.Scores(AggregationRule.BlockRelativeMean, [run], regime).First(s => s.Layer == sum.Layer).Score
                : (double?)null
            group (Regime: regime, Norm: new Total(sum.Score, relative)) by sum.Layer into layer
            orderby layer.Key
            select new LayerTotals(layer.Key, Of(layer, Regimes.Attention), Of(layer, Regimes.Mlp), Of(layer, Regimes.All));
        return [.. totals];

        static Total? Of(IEnumerable<(string Regime, Total Norm)> layer, string regime) =>
            layer.FirstOrDefault(t => t.Regime == regime).Norm;
    }

    private static void PrintJson(string directory, PeftAdapter adapter, List<Row> modules, List<LayerTotals> layers) =>
        Screen.PrintJson(new
    {
        adapter = directory,
        base_model = adapter.BaseModel,
        rank = adapter.Adapter.Rank,
        alpha = adapter.Adapter.Alpha,
        adapter.Dropout,
        projections = ProjectionsOf(modules),
        trainable = modules.Sum(m => m.Parameters),
        modules,
        layers,
    });

    private static void Print(string directory, PeftAdapter adapter, List<Row> modules, List<LayerTotals> layers)
    {
        var hasBase = modules.Exists(m => m.BaseFrobenius is not null);
        var ranks = modules.Select(m => m.Rank).Distinct().Order().ToList();
        var facts = new (string Name, string Value)[]
        {
            ("adapter", directory),
            ("base", adapter.BaseModel ?? "not named"),
            ("rank", ranks.Count == 1 ? Count(ranks[0]) : $"{ranks[0]} to {ranks[^1]}, by module"),
            ("alpha", adapter.Adapter.Alpha.ToString("R", CultureInfo.InvariantCulture)
                + (ranks.Count == 1
                    ? $", so an update is {(adapter.Adapter.Alpha / ranks[0]).ToString("G6", CultureInfo.InvariantCulture)} B A"
                    : ", so an update is (alpha / r) B A")),
            ("dropout", adapter.Dropout.ToString("R", CultureInfo.InvariantCulture)),
            ("targets", string.Join(", ", ProjectionsOf(modules)) + (layers.Count == 0 ? ""
                : $" of {(layers.Count == 1 ? "layer" : "layers")} {Ranges([.. layers.Select(l => l.Layer)])}")),
            ("trainable", $"{Count(modules.Sum(m => m.Parameters))} parameters in {Count(modules.Count)} modules"),
        };
        foreach (var (name, value) in facts)
            Screen.Print($"{name,-10} {value}");
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
        var totals = new TextTable([">layer", ">attention", ">mlp", ">all",
            .. hasBase ? (string[])[">attention relative", ">mlp relative", ">all relative"] : []]);
        foreach (var l in layers)
            totals.Add([Count(l.Layer), Norm(l.Attention?.DeltaFrobenius), Norm(l.Mlp?.DeltaFrobenius), Norm(l.All?.DeltaFrobenius),
                .. hasBase ? (string[])[Norm(l.Attention?.Relative), Norm(l.Mlp?.Relative), Norm(l.All?.Relative)] : []]);
        Screen.Print(totals);
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

    private static string Norm(double? value) => value?.ToString("0.000e+00", CultureInfo.InvariantCulture) ?? "-";

    /// <param name="Layer">Null outside of the text tower's blocks.</param>
    private sealed record Row(string Module, int? Layer, string Projection, string? Group, int Rank, int Out, int In, double DeltaFrobenius,
        double? BaseFrobenius)
    {
        public double? Relative => DeltaFrobenius / BaseFrobenius;

        public long Parameters => (long)Rank * (Out + In);
    }

    /// <param name="DeltaFrobenius">Sum of ||dW||_F.</param>
    /// <param name="Relative">Mean of ||dW||_F / ||W||_F.</param>
    private sealed record Total(double DeltaFrobenius, double? Relative);

    private sealed record LayerTotals(int Layer, Total? Attention, Total? Mlp, Total? All);
}
