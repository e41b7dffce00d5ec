using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Adapters;

/// <summary>How <c>adapter_config.json</c> names a set of (layer, projection) so that PEFT adapts these and no others.</summary>
/// <param name="Names">Projections, or one regular expression that matches whole module paths.</param>
/// <param name="Layers"><c>layers_to_transform</c>; null for all layers, and beside a regular expression, where PEFT refuses it.</param>
internal sealed record PeftTargets(IReadOnlyList<string> Names, bool IsRegex, IReadOnlyList<int>? Layers)
{
    public static PeftTargets For(LoraAdapter adapter, ModelConfig config)
    {
        var layers = adapter.Modules.Select(m => m.Layer).Distinct().Order().ToList();
        var names = ModelConfig.ProjectionNames.Where(name => adapter.Modules.Any(m => m.Projection == name)).ToList();
        var all = layers.Count == config.Layers;
        var even = adapter.Modules.Count == layers.Count * names.Count;   // every layer has the same projections
        if (even && !config.Multimodal)
            return new PeftTargets([.. names.Order(StringComparer.Ordinal)], IsRegex: false, all ? null : layers);

        // A plain list of names would hit the vision tower's projections, too.
        var tower = config.Multimodal ? ".*language_model" : ".*model";
        if (even && all)
            return Regex($@"{tower}.*\.({string.Join('|', names)})");
        if (even)
            return Regex($@"{tower}\.{Paths(layers, names)}");
        var byProjections = layers.GroupBy(layer =>
            string.Join(' ', names.Where(name => adapter.Modules.Any(m => m.Layer == layer && m.Projection == name))));
        return Regex($@"{tower}\.({string.Join('|', byProjections.Select(group => Paths([.. group], group.Key.Split(' '))))})");
    }

    private static PeftTargets Regex(string pattern) => new([pattern], IsRegex: true, Layers: null);

    private static string Paths(IReadOnlyList<int> layers, IReadOnlyList<string> names)
    {
        var parents = names.Select(name => Projection.Named(name).Module).Distinct().ToList();
        var parent = parents.Count == 1 ? parents[0] : $"({string.Join('|', parents)})";
        return $@"layers\.({string.Join('|', layers)})\.{parent}\.({string.Join('|', names)})";
    }
}
