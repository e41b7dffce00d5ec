using System.Text.Json;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Golden;

/// <summary>Kind <c>shapes</c>: a published config.json without weights, every value resolved.</summary>
internal static class ShapesCase
{
    public static IReadOnlyList<GoldenCheck> Verify(GoldenCase golden)
    {
        var root = golden.Read();
        var config = ModelConfig.Read(golden.PathOf(GoldenCase.Need(root, "config", golden.Directory).GetString()!));
        var expected = GoldenCase.Need(root, "expected", golden.Directory);
        var frequencies = GoldenCase.Need(GoldenCase.Need(root, "tolerance", golden.Directory), "inv_freq", golden.Directory).GetDouble();
        if (expected.ValueKind != JsonValueKind.Object || !expected.EnumerateObject().Any())
            throw new InvalidInputException($"The reference case {golden.Directory} expects nothing.");
        List<GoldenCheck> checks = [];
        foreach (var value in expected.EnumerateObject())
        {
            switch (value.Name)
            {
                case "inv_freq":
                    Compare(checks, value.Value, config.Ropes.Keys.Select(NameOf).ToHashSet(), "inv_freq");
                    foreach (var kind in value.Value.EnumerateObject())
                        checks.Add(new GoldenCheck($"inv_freq.{kind.Name}", config.Ropes.TryGetValue(KindOf(kind.Name), out var ours)
                            ? WorstRelative(ours, [.. kind.Value.EnumerateArray().Select(f => f.GetDouble())]) : double.NaN, frequencies));
                    break;
                case "projections":
                    Compare(checks, value.Value, ModelConfig.ProjectionNames
                        .Select(name => config.ModulePath(0, name).Split(".layers.0.")[1]).ToHashSet(), "projections");
                    foreach (var projection in value.Value.EnumerateObject())
                    {
                        var (outFeatures, inFeatures) = config.ShapeOf(projection.Name.Split('.')[^1]);
                        checks.Add(Equal($"projections.{projection.Name}",
                            projection.Value.EnumerateArray().Select(d => d.GetInt64()).SequenceEqual([outFeatures, inFeatures])));
                    }
                    break;
                case "lora_r16_trainable":
                    foreach (var entry in value.Value.EnumerateObject())
                    {
                        var parts = entry.Name.Split('/');
                        var layers = parts[1] == "full"
                            ? config.Layers : int.Parse(parts[1].Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture);
                        checks.Add(Equal($"lora_r16_trainable.{entry.Name}",
                            layers * config.LoraParameters(16, Projection.NamesIn(parts[0])) == entry.Value.GetInt64()));
                    }
                    break;
                case "layer_kinds":
                    checks.Add(Equal(value.Name,
                        value.Value.EnumerateArray().Select(kind => KindOf(kind.GetString()!)).SequenceEqual(config.LayerKinds)));
                    break;
                default:
                    checks.Add(Scalar(value, config));
                    break;
            }
        }
        return checks;
    }

    private static GoldenCheck Scalar(JsonProperty value, ModelConfig config)
    {
        double? ours = value.Name switch
        {
            "layers" => config.Layers,
            "hidden" => config.Hidden,
            "intermediate" => config.Intermediate,
            "heads" => config.Heads,
            "kv_heads" => config.KvHeads,
            "head_dim" => config.HeadDim,
            "vocab" => config.Vocab,
            "rms_norm_eps" => config.RmsNormEps,
            "tied_head" => config.TiedHead ? 1 : 0,
            "attention_scale" => config.AttentionScale,
            "embedding_scale" => config.EmbeddingScale,
            "sliding_window" => config.SlidingWindow,
            "text_parameters" => config.TextParameters,
            _ => double.NaN,                                       // a value that this program does not know is a difference
        };
        double? theirs = value.Value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            _ => value.Value.GetDouble(),
        };
        // Scales are powers and roots, which two libraries may round apart by the last bit.
        return ours is null || theirs is null ? Equal(value.Name, ours is null && theirs is null)
            : new GoldenCheck(value.Name, GoldenError.Relative(ours.Value, theirs.Value), 1e-15);
    }

    private static void Compare(List<GoldenCheck> checks, JsonElement theirs, HashSet<string> ours, string name) =>
        checks.Add(Equal(name, ours.SetEquals(theirs.EnumerateObject().Select(entry => entry.Name))));

    private static double WorstRelative(float[] ours, double[] theirs) =>
        ours.Length != theirs.Length ? double.NaN : ours.Zip(theirs, (a, b) => GoldenError.Relative(a, b)).Max();

    private static GoldenCheck Equal(string name, bool equal) => new(name, equal ? 0 : 1, 0);

    private static LayerKind KindOf(string name) => name switch
    {
        "local" => LayerKind.Local,
        "global" => LayerKind.Global,
        _ => throw new FormatException($"there is no layer kind {name}"),
    };

    private static string NameOf(LayerKind kind) => kind switch
    {
        LayerKind.Local => "local",
        LayerKind.Global => "global",
        _ => throw new InvalidOperationException($"The layer kind {kind} has no name."),
    };
}
