using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Adapters;

/// <summary>A module of an adapter beside the weight of the base that it changes.</summary>
/// <param name="Weight">[out, in] as the base stores it; valid while its checkpoint is open.</param>
public sealed record AdaptedWeight(MappedTensor Weight, LoraModule Module)
{
    // Elements that are widened at a time.
    private const int Block = 1 << 16;

    /// <summary>||W||_F, in fp64.</summary>
    public double BaseFrobenius()
    {
        var sums = new double[(Weight.Elements + Block - 1) / Block];
        Parallel.For(0, sums.Length, block =>
        {
            var from = (long)block * Block;
            var values = new float[Math.Min(Block, Weight.Elements - from)];
            Weight.CopyTo(values, from);
            double sum = 0;
            foreach (var value in values) sum += (double)value * value;
            sums[block] = sum;
        });
        return Math.Sqrt(sums.Sum());
    }
}

/// <summary>Finds the weights of a checkpoint that an adapter changes, in either spelling of a multimodal model.</summary>
public static class AdaptedWeights
{
    /// <summary>One per module, the text tower's in the order of the adapter, then the others.</summary>
    /// <exception cref="InvalidInputException">The adapter does not match the base: the first tensor that does not is named, with both
    /// shapes.</exception>
    public static IReadOnlyList<AdaptedWeight> Of(Checkpoint checkpoint, PeftAdapter adapter)
    {
        var weights = checkpoint.Tensors.Values.Where(t => t.Name.EndsWith(".weight", StringComparison.Ordinal))
            .ToDictionary(t => Key(PeftAdapter.CurrentSpelling(t.Name)[..^".weight".Length]), t => t, StringComparer.Ordinal);
        var adapted = new List<AdaptedWeight>();
        foreach (var module in adapter.Adapter.Modules.Concat(adapter.Others))
        {
            var rank = module.A.Length / module.InFeatures;
            if (!weights.TryGetValue(Key(module.ModulePath), out var weight))
                throw new InvalidInputException(
                    $"The adapter does not match the base: it has {module.ModulePath}.lora_A.weight [{rank}, {module.InFeatures}], "
                    + $"but {checkpoint.Directory} has no weight of that module.");
            if (weight.Shape.Count != 2 || weight.Shape[1] != module.InFeatures)
                throw Mismatch("A", $"[{rank}, {module.InFeatures}]");
            if (weight.Shape[0] != module.OutFeatures)
                throw Mismatch("B", $"[{module.OutFeatures}, {rank}]");
            adapted.Add(new(weight, module));

            InvalidInputException Mismatch(string factor, string shape) =>
                new($"The adapter does not match the base: its {module.ModulePath}.lora_{factor}.weight is {shape}, "
                    + $"which does not fit the base's {weight.Name} {PeftAdapter.Shape(weight)}.");
        }
        return adapted;

        // A text tower is the same whether it stands alone or inside a multimodal model.
        static string Key(string path) =>
            PeftAdapter.BlockPath.Match(path) is { Success: true } block ? $"{block.Groups["layer"]}.{block.Groups["projection"]}" : path;
    }
}
