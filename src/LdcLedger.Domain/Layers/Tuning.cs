using System.Collections.Concurrent;
using System.Globalization;

namespace LdcLedger.Domain.Layers;

/// <summary>One trained projection of one layer (layers count from 0).</summary>
public readonly record struct LayerProjection(int Layer, string Projection);

/// <summary>How a tuning trains its projections.</summary>
public enum TuningMethod
{
    /// <summary>By low-rank adapters (LoRA) beside them.</summary>
    Lora,

    /// <summary>Themselves, without adapters.</summary>
    Full,
}

/// <summary>
/// What a run trains: the sorted set of (layer, projection), and how. These are the run's identity, never its label, so that a
/// <c>top-1 mlp</c> under two rules that pick the same layer is one run. The empty set is the pretrained model.
/// </summary>
/// <remarks>
/// The text form is canonical: segments of consecutive layers that train the same projections, such as
/// <c>0-15:q_proj,k_proj,v_proj,o_proj</c> or <c>5:gate_proj,up_proj,down_proj;7:gate_proj,up_proj,down_proj</c>; LoRA is not written, full
/// training comes first: <c>full:0-15:q_proj</c>.
/// </remarks>
public sealed class Tuning : IEquatable<Tuning>
{
    public static readonly Tuning Pretrained = new([]);

    /// <summary>No model has as many layers; a damaged text must not ask for a set of a billion.</summary>
    public const int MaxLayers = 10_000;

    private const string FullPrefix = "full:";

    // Hundreds of runs share a few, and each takes a sort of hundreds of places.
    private const int MostKnown = 10_000;

    private static readonly ConcurrentDictionary<string, Tuning> Parsed = [];
    private static readonly ConcurrentDictionary<string, Tuning> Made = [];

    private Tuning(IReadOnlyList<LayerProjection> adapted, TuningMethod method = TuningMethod.Lora)
    {
        (Adapted, Method) = (adapted, method);
        Text = method switch
        {
            TuningMethod.Lora => Write(adapted),
            TuningMethod.Full => FullPrefix + Write(adapted),
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, "This is not a tuning method."),
        };
    }

    /// <summary>Sorted by layer, then by <see cref="Projections.Order"/>; no element twice.</summary>
    public IReadOnlyList<LayerProjection> Adapted { get; }

    public TuningMethod Method { get; }

    public string Text { get; }

    public bool IsPretrained => Adapted.Count == 0;

    public IReadOnlyList<int> Layers => [.. Adapted.Select(a => a.Layer).Distinct()];

    /// <exception cref="RuleViolation">Nothing is to be trained in full: the pretrained model is trained in no way.</exception>
    public static Tuning Of(IEnumerable<LayerProjection> adapted, TuningMethod method = TuningMethod.Lora)
    {
        IReadOnlyList<LayerProjection> sorted = [.. adapted.Distinct().OrderBy(a => a.Layer).ThenBy(a => Projections.Order(a.Projection))];
        return sorted.Count > 0 || method == TuningMethod.Lora ? new(sorted, method)
            : throw new RuleViolation("A full tuning trains at least one projection; this one trains none.");
    }

    /// <summary>Trains every projection of <paramref name="regime"/> in the given layers, as the regime does.</summary>
    public static Tuning Of(string regime, IEnumerable<int> layers)
    {
        IReadOnlyList<int> all = [.. layers];
        return Known(Made, $"{regime} {string.Join(' ', all)}", () => Of(
            all.SelectMany(layer => Projections.Of(regime).Select(p => new LayerProjection(layer, p))), Regimes.Rows[regime].Method));
    }

    /// <summary>Reads the text form; throws <see cref="RuleViolation"/> where it is none.</summary>
    public static Tuning Parse(string text) => Known(Parsed, text, () => ParseAnew(text));

    private static Tuning Known(ConcurrentDictionary<string, Tuning> known, string text, Func<Tuning> make)
    {
        if (known.TryGetValue(text, out var tuning))
            return tuning;
        if (known.Count >= MostKnown)
            known.Clear();
        return known[text] = make();
    }

    private static Tuning ParseAnew(string text)
    {
        if (text.Length == 0)
            return Pretrained;
        var (method, segments) = text.StartsWith(FullPrefix, StringComparison.Ordinal)
            ? (TuningMethod.Full, text[FullPrefix.Length..])
            : (TuningMethod.Lora, text);
        var adapted = new List<LayerProjection>();
        foreach (var segment in segments.Split(';'))
        {
            var colon = segment.IndexOf(':');
            var range = colon < 0 ? [] : segment[..colon].Split('-');
            if (range.Length is < 1 or > 2
                || !int.TryParse(range[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(range[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
                throw new RuleViolation($"'{segment}' is not a tuning; an example of one is 0-7:q_proj,k_proj.");
            if (last >= MaxLayers)
                throw new RuleViolation($"'{segment}' is no tuning: layer {last} is out of range; allowed are 0 to {MaxLayers - 1}.");
            foreach (var projection in segment[(colon + 1)..].Split(','))
                for (var layer = first; layer <= last; layer++)
                    adapted.Add(new(layer, projection));
        }
        return Of(adapted, method);
    }

    public bool Equals(Tuning? other) => other is not null && other.Text == Text;
    public override bool Equals(object? obj) => Equals(obj as Tuning);
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
    public override string ToString() => IsPretrained ? "pretrained" : Text;

    private static string Write(IReadOnlyList<LayerProjection> adapted)
    {
        var layers = adapted.GroupBy(a => a.Layer, a => a.Projection)
            .Select(g => (Layer: g.Key, Projections: string.Join(',', g))).ToList();
        var segments = new List<string>();
        for (var i = 0; i < layers.Count;)
        {
            var end = i;
            while (end + 1 < layers.Count && layers[end + 1].Layer == layers[end].Layer + 1
                && layers[end + 1].Projections == layers[i].Projections)
                end++;
            var range = i == end ? $"{layers[i].Layer}" : $"{layers[i].Layer}-{layers[end].Layer}";
            segments.Add($"{range}:{layers[i].Projections}");
            i = end + 1;
        }
        return string.Join(';', segments);
    }
}
