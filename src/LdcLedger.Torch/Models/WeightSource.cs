using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Models;

/// <summary>Where a model's frozen weights come from: a checkpoint, or chance where only a shape is given, as in benchmarks.</summary>
internal abstract class WeightSource
{
    /// <summary>What its tensors are called.</summary>
    public abstract TextTower Tower { get; }

    /// <exception cref="InvalidInputException">There is no such tensor, or it has another shape.</exception>
    public abstract ITensorSource this[string name, params ReadOnlySpan<long> shape] { get; }
}

internal sealed class CheckpointSource(Checkpoint checkpoint, TextTower tower) : WeightSource
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public override TextTower Tower => tower;

    /// <summary>Tensors of the tower that nobody has asked for, in order of name.</summary>
    public IReadOnlyList<string> Unasked => [.. checkpoint.Tensors.Keys
        .Where(name => name.StartsWith(tower.Prefix + "layers.", StringComparison.Ordinal) && !_asked.Contains(name)
            && !name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal))   // computed, not learned; older checkpoints keep it
        .Order(StringComparer.Ordinal)];

    public override ITensorSource this[string name, params ReadOnlySpan<long> shape]
    {
        get
        {
            _asked.Add(name);
            if (Nf4Checkpoint.Holds(checkpoint, name))
            {
                _asked.UnionWith(Nf4Checkpoint.NamesOf(name));
                return Nf4Checkpoint.Read(checkpoint, name, shape);
            }
            if (!checkpoint.Tensors.ContainsKey(name) && Unmerged() is { } part)
                throw new InvalidInputException(
                    $"{checkpoint.Directory} has {part} in place of {name}: a model that was saved with its adapter; merge the two first.");
            return checkpoint[name].OfShape(shape).OfFloats();
        }
    }

    private string? Unmerged() => checkpoint.Tensors.Keys.FirstOrDefault(name =>
        name.EndsWith(".base_layer.weight", StringComparison.Ordinal) || name.Contains(".lora_A.", StringComparison.Ordinal));
}

/// <summary>Another's weights with the projections quantised, as bitsandbytes does to linear layers but the head.</summary>
/// <param name="rounding">The type that they are quantised in.</param>
/// <param name="twice">Whether the largest numbers of the blocks are quantised, too.</param>
internal sealed class QuantisingSource(WeightSource source, Rounding rounding, bool twice) : WeightSource
{
    public override TextTower Tower => source.Tower;

    public override ITensorSource this[string name, params ReadOnlySpan<long> shape]
    {
        get
        {
            var tensor = source[name, shape];
            return tensor is Nf4Tensor || !Projection.All.Any(projection => name.EndsWith($".{projection.Name}.weight",
                StringComparison.Ordinal)) ? tensor
                : new Nf4Tensor([.. shape], Nf4Quantiser.BlockSize, rounding, () => Nf4Quantiser.Of(tensor, rounding, twice));
        }
    }
}

/// <summary>Normally distributed enough for speed to be real: uniform with the variance of a fresh layer; norm weights are 1.</summary>
internal sealed class RandomSource(long seed) : WeightSource
{
    public override TextTower Tower => TextTower.Usual;

    public override ITensorSource this[string name, params ReadOnlySpan<long> shape] =>
        new Numbers(SplitMix.Hash((ulong)seed, SplitMix.Hash(name)), shape.ToArray());

    private sealed class Numbers(ulong seed, long[] shape) : ITensorSource
    {
        public IReadOnlyList<long> Shape => shape;

        public void CopyTo(Span<float> to, long from)
        {
            if (shape.Length == 1)
            {
                to.Fill(1);
                return;
            }
            var random = new SplitMix(SplitMix.Hash(seed, (ulong)from));
            var scale = (float)Math.Sqrt(3.0 / shape[^1]);
            for (var i = 0; i < to.Length; i++) to[i] = scale * ((random.Next() >> 40) * (2f / (1 << 24)) - 1);
        }
    }
}
