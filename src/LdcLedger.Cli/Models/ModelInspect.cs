using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Layers;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Cli.Models;

/// <summary><c>ldc model inspect DIR</c>: what a checkpoint is, and what LoRA would train in it.</summary>
internal static class ModelInspect
{
    private static readonly Argument<string> Model = new("DIR") { Description = "A Hugging Face directory, or its config.json alone." };
    private static readonly Option<int> Rank = new("--rank")
    {
        Description = "LoRA rank to count with (default 16).",
        HelpName = "R",
        DefaultValueFactory = _ => 16,
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("inspect", "Show a model's layers, shapes and parameters, and what LoRA would train per tuning.", Run, Model, Rank, Json)
    {
        Examples = ["ldc model inspect models/Llama-3.2-1B", "ldc model inspect config.json --rank 8 --json"],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(Model)!;
        var rank = arguments.GetValue(Rank);
        using var opened = Directory.Exists(path) && Checkpoint.ExistsIn(path) ? ModelDirectory.Open(path) : null;
        var config = opened?.Config ?? ModelConfig.Read(path);
        var widest = ModelConfig.ProjectionNames.Min(p => Math.Min(config.ShapeOf(p).Out, config.ShapeOf(p).In));
        if (rank < 1 || rank > widest)
            throw new BadInputException(
                $"--rank is {rank}; allowed is 1 to {widest}, the smallest min(in, out) of this model's projections.");
        var weights = opened is null ? null : Weights.Of(opened.Weights);
        Screen.Say(opened?.Notes ?? []);
        var tunings = Tunings(config, rank);
        if (arguments.GetValue(Json))
            PrintJson(config, weights, rank, tunings);
        else
            Print(path, config, weights, rank, tunings);
        return Task.FromResult(ExitCodes.Done);
    }

    /// <summary>What each column of the study's tables trains; a targeted run's count is the same whichever layers it takes.</summary>
    private static List<(string Tuning, int Layers, long Parameters)> Tunings(ModelConfig config, int rank) =>
    [
        .. Regimes.Rows.All.Where(regime => regime.Method == TuningMethod.Lora)
            .Select(regime => (regime.Name, config.Layers, config.Layers * config.LoraParameters(rank, regime.Projections))),
        .. from k in (int[])[1, 3]
           where k <= config.Layers
           from @group in Regimes.Groups
           select (Roles.Top(k, @group), k, k * config.LoraParameters(rank, Projections.Of(@group))),
    ];

    /// <summary>What regimes that train the projections themselves train.</summary>
    private static List<(string Tuning, int Layers, long Parameters)> InFull(ModelConfig config) =>
    [
        .. Regimes.Rows.All.Where(regime => regime.Method == TuningMethod.Full).Select(regime => (regime.Name, config.Layers,
            config.Layers * regime.Projections.Sum(p => (long)config.ShapeOf(p).Out * config.ShapeOf(p).In))),
    ];

    private static void PrintJson(
        ModelConfig config, Weights? weights, int rank, List<(string Tuning, int Layers, long Parameters)> tunings) => Screen.PrintJson(new
    {
        family = config.Family.Name,
        config.Multimodal,
        config.Layers,
        config.Hidden,
        config.Intermediate,
        config.Heads,
        config.KvHeads,
        config.HeadDim,
        config.Vocab,
        config.RmsNormEps,
        config.TiedHead,
        config.AttentionScale,
        config.EmbeddingScale,
        config.SlidingWindow,
        layer_kinds = config.LayerKinds.Select(NameOf),
        config.MaxPositions,
        config.StoredDtype,
        config.StoredForm,
        config.BosToken,
        config.EosTokens,
        parameters = config.TextParameters,
        projections = ModelConfig.ProjectionNames.Select(
            p => new { name = p, group = Projections.GroupOf(p), @out = config.ShapeOf(p).Out, @in = config.ShapeOf(p).In }),
        weights,
        lora = new { rank, tunings = tunings.Select(t => new { t.Tuning, t.Layers, trainable = t.Parameters }) },
        full = InFull(config).Select(t => new { t.Tuning, t.Layers, trainable = t.Parameters }),
    });

    private static void Print(
        string path, ModelConfig config, Weights? weights, int rank, List<(string Tuning, int Layers, long Parameters)> tunings)
    {
        var facts = new (string Name, string Value)[]
        {
            ("model", path),
            ("family", config.Family.Name + (config.Multimodal ? ", text part of a multimodal checkpoint" : "")),
            ("parameters", $"{Count(config.TextParameters)}, head {(config.TiedHead ? "tied to the embeddings" : "of its own")}"),
            ("layers", $"{config.Layers}, {Kinds(config)}"),
            ("width", $"hidden {config.Hidden}, intermediate {config.Intermediate}"),
            ("attention", $"{config.Heads} query heads, {config.KvHeads} key heads, head_dim {config.HeadDim}"),
            ("vocabulary", $"{Count(config.Vocab)}, bos {config.BosToken?.ToString(CultureInfo.InvariantCulture) ?? "none"}, eos "
                + $"{(config.EosTokens.Count == 0 ? "none" : string.Join(" ", config.EosTokens))}"),
            ("positions", Count(config.MaxPositions)),
            ("weights", weights is null ? "none here (a config.json alone)" : $"{Count(weights.Bytes)} bytes in {weights.Files.Count} "
                + $"file(s), {string.Join(" and ", weights.Dtypes)}"
                + (config.StoredForm is { } form ? $", saved quantised as {form}" : "")),
        };
        foreach (var (name, value) in facts)
            Screen.Print($"{name,-11} {value}");
        Screen.Print("");
        var shapes = new TextTable("projection", "group", ">out", ">in", ">parameters");
        foreach (var p in ModelConfig.ProjectionNames)
            shapes.Add(p, Projections.GroupOf(p), Count(config.ShapeOf(p).Out), Count(config.ShapeOf(p).In),
                Count((long)config.ShapeOf(p).Out * config.ShapeOf(p).In));
        Screen.Print(shapes);
        Screen.Print("");
        var lora = new TextTable($"LoRA r = {rank}", ">layers", ">trainable", ">share");
        foreach (var (tuning, layers, parameters) in tunings.Concat(InFull(config)))
            lora.Add(tuning, Count(layers), Count(parameters),
                (100.0 * parameters / config.TextParameters).ToString("0.000", CultureInfo.InvariantCulture) + " %");
        Screen.Print(lora);
    }

    private static string NameOf(LayerKind kind) => kind switch
    {
        LayerKind.Global => "global",
        LayerKind.Local => "local",
    };

    private static string Kinds(ModelConfig config)
    {
        var global = config.LayerKinds.Index().Where(k => k.Item == LayerKind.Global).Select(k => k.Index).ToList();
        return global.Count == config.Layers
            ? "each attending to the whole document"
            : $"those numbered {string.Join(", ", global)} attending to the whole document, the others to a window of "
                + $"{config.SlidingWindow}";
    }

    private static string Count(long n) => n.ToString("N0", CultureInfo.InvariantCulture);

    private sealed record Weights(IReadOnlyList<string> Files, long Bytes, int Tensors, IReadOnlyList<string> Dtypes)
    {
        public static Weights Of(Checkpoint checkpoint) => new(
            [.. checkpoint.Files.Select(f => Path.GetFileName(f)!)], checkpoint.Bytes, checkpoint.Tensors.Count,
            [.. checkpoint.Tensors.Values.Select(t => t.Dtype).Distinct().Order(StringComparer.Ordinal)]);
    }
}
