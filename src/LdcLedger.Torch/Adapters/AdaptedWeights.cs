using System.Numerics;
using System.Runtime.InteropServices;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Adapters;

/// <summary>A module of an adapter beside the weight of the base that it changes.</summary>
/// <param name="Weight">[out, in] as the base stores it, of an embedding [in, out]; valid while its checkpoint is open.</param>
public sealed record AdaptedWeight(MappedTensor Weight, PeftModule Module)
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

    /// <summary>||dW||_F, in fp64: also of an update that depends on W.</summary>
    public double DeltaFrobenius()
    {
        if (Module.DeltaFrobenius() is { } known)
            return known;
        var sums = new double[Module.Factors.OutFeatures];
        Parallel.For(0, sums.Length, row =>
        {
            var before = new float[Module.Factors.InFeatures];
            Weight.CopyTo(before, (long)row * before.Length);
            var after = DecomposedRow(before, row);
            for (var i = 0; i < after.Length; i++) sums[row] += (after[i] - before[i]) * (after[i] - before[i]);
        });
        return Math.Sqrt(sums.Sum());
    }

    /// <summary>A row of the adapted weight.</summary>
    /// <param name="before">The row of W.</param>
    /// <param name="after">Written over.</param>
    internal void AdaptedRow(ReadOnlySpan<float> before, int row, Span<float> after)
    {
        if (Module.Magnitudes is not null)
        {
            var exact = DecomposedRow(before, row);
            for (var i = 0; i < exact.Length; i++) after[i] = (float)exact[i];
            return;
        }
        var factors = Module.Factors;
        var (width, rank) = (factors.InFeatures, factors.Rank);
        after.Clear();
        for (var r = 0; r < rank; r++)
            AddScaled(after, (float)(Module.Scale * factors.B[row * rank + r]), factors.A.AsSpan(r * width, width));
        AddScaled(after, 1, before);
    }

    /// <summary>
    /// DoRA (arXiv 2402.09353): the row of W + Scale B A, scaled to its magnitude. Of a row of zeros not a number, as in PEFT.
    /// </summary>
    private double[] DecomposedRow(ReadOnlySpan<float> before, int row)
    {
        var factors = Module.Factors;
        var (width, rank) = (factors.InFeatures, factors.Rank);
        var after = new double[width];
        double square = 0;
        for (var i = 0; i < width; i++)
        {
            double sum = 0;
            for (var r = 0; r < rank; r++) sum += (double)factors.B[row * rank + r] * factors.A[r * width + i];
            after[i] = before[i] + Module.Scale * sum;
            square += after[i] * after[i];
        }
        var factor = Module.Magnitudes![row] / Math.Sqrt(square);
        for (var i = 0; i < width; i++) after[i] *= factor;
        return after;
    }

    private static void AddScaled(Span<float> to, float factor, ReadOnlySpan<float> from)
    {
        var wide = MemoryMarshal.Cast<float, Vector<float>>(to);
        var source = MemoryMarshal.Cast<float, Vector<float>>(from);
        for (var i = 0; i < wide.Length; i++)
            wide[i] += factor * source[i];
        for (var i = wide.Length * Vector<float>.Count; i < to.Length; i++)
            to[i] += factor * from[i];
    }
}

/// <summary>Finds the weights of a checkpoint that an adapter changes, in either spelling of a multimodal model.</summary>
public static class AdaptedWeights
{
    /// <summary>One per module, in the order of the adapter.</summary>
    /// <exception cref="InvalidInputException">The adapter does not match the base: the first tensor that does not is named, with both
    /// shapes.</exception>
    public static IReadOnlyList<AdaptedWeight> Of(Checkpoint checkpoint, PeftAdapter adapter)
    {
        if (adapter.LayerReplication is { } stack)
            throw new InvalidInputException(
                $"The adapter is for a stack in which layers of the base repeat (layer_replication is {stack}), "
                + $"so its layers are not those of {checkpoint.Directory}.");
        var weights = checkpoint.Tensors.Values.Where(t => t.Name.EndsWith(".weight", StringComparison.Ordinal))
            .ToLookup(t => Key(PeftAdapter.CurrentSpelling(t.Name)[..^".weight".Length]), t => t, StringComparer.Ordinal);
        var (adapted, changed) = (new List<AdaptedWeight>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var module in adapter.Modules)
        {
            var factors = module.Factors;
            var found = weights[Key(factors.ModulePath)].ToList();
            if (found.Count == 0)
                throw new InvalidInputException(
                    $"The adapter does not match the base: it has {factors.ModulePath}.lora_A.weight "
                    + $"[{factors.Rank}, {factors.InFeatures}], but {checkpoint.Directory} has no weight of that module.");
            if (found.Count > 1)
                throw new InvalidInputException(
                    $"{checkpoint.Directory} has two weights of the module {factors.ModulePath}: {found[0].Name} and {found[1].Name}.");
            var weight = found[0];
            if (Nf4Checkpoint.Holds(checkpoint, weight.Name))
                throw new InvalidInputException($"{checkpoint.Directory} was saved quantised, in nf4: nothing can be added to its "
                    + $"{weight.Name}, so the checkpoint that it was made from is needed.");
            if (weight.Shape.Count != 2 || weight.Shape[module.IsEmbedding ? 0 : 1] != factors.InFeatures)
                throw Mismatch("A", $"[{factors.Rank}, {factors.InFeatures}]");
            if (weight.Shape[module.IsEmbedding ? 1 : 0] != factors.OutFeatures)
                throw Mismatch("B", $"[{factors.OutFeatures}, {factors.Rank}]");
            if (!changed.Add(weight.Name))
                throw new InvalidInputException($"The adapter changes the base's {weight.Name} twice, under two names of its module.");
            adapted.Add(new(weight, module));

            InvalidInputException Mismatch(string factor, string shape) =>
                new($"The adapter does not match the base: its {factors.ModulePath}.lora_{factor}.weight is {shape}, "
                    + $"which does not fit the base's {weight.Name} {PeftAdapter.Shape(weight)}.");
        }
        return adapted;

        // A text tower is the same whether it stands alone or inside a multimodal model.
        static string Key(string path) =>
            PeftAdapter.BlockPath.Match(path) is { Success: true } block ? $"{block.Groups["layer"]}.{block.Groups["projection"]}" : path;
    }
}
