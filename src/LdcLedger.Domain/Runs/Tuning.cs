using System.Globalization;
using LdcLedger.Domain.Norms;

namespace LdcLedger.Domain.Runs;

/// <summary>One adapted projection of one layer (layers count from 0).</summary>
public readonly record struct LayerProjection(int Layer, string Projection);

/// <summary>
/// What a run adapts: the sorted set of (layer, projection). The set is the run's identity, never its label, so that a
/// <c>top-1 mlp</c> under two rules that pick the same layer is one run. The empty set is the pretrained model.
/// </summary>
/// <remarks>
/// The text form is canonical: segments of consecutive layers that adapt the same projections, such as
/// <c>0-15:q_proj,k_proj,v_proj,o_proj</c> or <c>5:gate_proj,up_proj,down_proj;7:gate_proj,up_proj,down_proj</c>.
/// </remarks>
public sealed class Tuning : IEquatable<Tuning>
{
    public static readonly Tuning Pretrained = new([]);

    // No model has as many; a damaged text must not ask for a set of a billion.
    private const int MaxLayers = 10_000;

    private Tuning(IReadOnlyList<LayerProjection> adapted)
    {
        Adapted = adapted;
        Text = Write(adapted);
    }

    /// <summary>Sorted by layer, then by <see cref="Projections.Order"/>; no element twice.</summary>
    public IReadOnlyList<LayerProjection> Adapted { get; }

    public string Text { get; }

    public bool IsPretrained => Adapted.Count == 0;

    public IReadOnlyList<int> Layers => [.. Adapted.Select(a => a.Layer).Distinct()];

    public static Tuning Of(IEnumerable<LayerProjection> adapted) =>
        new([.. adapted.Distinct().OrderBy(a => a.Layer).ThenBy(a => Projections.Order(a.Projection))]);

    /// <summary>Adapts every projection of <paramref name="regime"/> in the given layers.</summary>
    public static Tuning Of(string regime, IEnumerable<int> layers) =>
        Of(layers.SelectMany(layer => Projections.Of(regime).Select(p => new LayerProjection(layer, p))));

    /// <summary>Reads the text form; throws <see cref="RuleViolation"/> where it is none.</summary>
    public static Tuning Parse(string text)
    {
        if (text.Length == 0)
            return Pretrained;
        var adapted = new List<LayerProjection>();
        foreach (var segment in text.Split(';'))
        {
            var colon = segment.IndexOf(':');
            var range = colon < 0 ? [] : segment[..colon].Split('-');
            if (range.Length is < 1 or > 2
                || !int.TryParse(range[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(range[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
                throw new RuleViolation($"'{segment}' is no tuning; it reads like 0-7:q_proj,k_proj.");
            if (last >= MaxLayers)
                throw new RuleViolation($"'{segment}' is no tuning: layer {last} is out of range; allowed are 0 to {MaxLayers - 1}.");
            foreach (var projection in segment[(colon + 1)..].Split(','))
                for (var layer = first; layer <= last; layer++)
                    adapted.Add(new(layer, projection));
        }
        return Of(adapted);
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
            while (end + 1 < layers.Count && layers[end + 1].Layer == layers[end].Layer + 1 && layers[end + 1].Projections == layers[i].Projections)
                end++;
            var range = i == end ? $"{layers[i].Layer}" : $"{layers[i].Layer}-{layers[end].Layer}";
            segments.Add($"{range}:{layers[i].Projections}");
            i = end + 1;
        }
        return string.Join(';', segments);
    }
}

/// <summary>
/// The part a run was first planned to play in the study's tables. A label only: which run fills a cell of a table is decided
/// by its <see cref="Tuning"/>.
/// </summary>
public static class Roles
{
    public const string Pretrained = "pretrained";

    /// <summary>For instance <c>top-3-mlp</c>.</summary>
    public static string Top(int k, string group) => string.Create(CultureInfo.InvariantCulture, $"top-{k}-{group}");
}
