using System.Text.Json;

namespace LdcLedger.Torch.Models;

/// <summary>The shapes of the four models of the published study, and of a tiny one, for whoever has no checkpoint at hand.</summary>
public static class PublishedShapes
{
    public static IReadOnlyList<string> Names { get; } =
        [.. ModelFamilies.All.SelectMany(family => family.Shapes).Select(shape => shape.Name)];

    /// <exception cref="InvalidInputException">There is no shape of that name.</exception>
    public static ModelConfig Of(string name)
    {
        var text = ModelFamilies.All.SelectMany(family => family.Shapes).FirstOrDefault(shape => shape.Name == name).ConfigJson
            ?? throw new InvalidInputException($"shape is {name}; allowed are {string.Join(", ", Names)}.");
        using var document = JsonDocument.Parse(text);
        return new ConfigReader(name, document.RootElement).Read();
    }

    /// <summary>
    /// The shape that a model's name or folder tells: <c>Llama-3.2-1B-Instruct</c> is llama-3.2-1b; null where it tells none.
    /// </summary>
    public static string? NamedBy(string modelName)
    {
        var name = modelName.ToLowerInvariant().Replace('_', '-');
        return Names.FirstOrDefault(shape => shape != "tiny" && (name == shape || name.StartsWith(shape + "-", StringComparison.Ordinal)));
    }
}
