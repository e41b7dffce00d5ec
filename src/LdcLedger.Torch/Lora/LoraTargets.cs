using System.Text.Json;
using System.Text.RegularExpressions;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Lora;

/// <summary>Which projections PEFT's <c>target_modules</c> and <c>layers_to_transform</c> mean.</summary>
public static class LoraTargets
{
    /// <param name="targetModules">A list of names, each matching a path's last part; or a regular expression that must match the whole
    /// path.</param>
    /// <param name="layers">A layer, a list of them, or null: all.</param>
    /// <exception cref="InvalidInputException">Nothing matches, or the expression cannot be read.</exception>
    public static IReadOnlyList<LoraTarget> Of(ModelConfig config, JsonElement targetModules, JsonElement layers)
    {
        Func<string, bool> matches;
        if (targetModules.ValueKind == JsonValueKind.String)
        {
            var expression = targetModules.GetString()!;
            try
            {
                var regex = new Regex($"^(?:{expression})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
                matches = regex.IsMatch;
            }
            catch (ArgumentException failure)
            {
                throw new InvalidInputException($"target_modules is {expression}, which is not a regular expression: {failure.Message}",
                    failure);
            }
        }
        else
        {
            var names = targetModules.EnumerateArray().Select(name => name.GetString()!).ToList();
            matches = path => names.Any(name => path == name || path.EndsWith("." + name, StringComparison.Ordinal));
        }
        HashSet<int>? chosen = layers.ValueKind switch
        {
            JsonValueKind.Array => [.. layers.EnumerateArray().Select(layer => layer.GetInt32())],
            JsonValueKind.Number => [layers.GetInt32()],
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            _ => throw new InvalidInputException(
                $"layers_to_transform is {layers.GetRawText()}; a layer, a list of layers or null is allowed."),
        };
        var targets = Enumerable.Range(0, config.Layers).Where(layer => chosen is null || chosen.Contains(layer))
            .SelectMany(layer => ModelConfig.ProjectionNames
                .Where(name => matches(config.ModulePath(layer, name))).Select(name => new LoraTarget(layer, name))).ToList();
        return targets.Count > 0 ? targets
            : throw new InvalidInputException($"target_modules {targetModules.GetRawText()} matches no projection of the model.");
    }
}
