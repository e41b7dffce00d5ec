using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Models;

/// <summary>Where a model's frozen weights come from: a checkpoint, or chance where only a shape is given, as in benchmarks.</summary>
internal abstract class WeightSource
{
    public abstract bool Has(string name);

    /// <exception cref="InvalidInputException">There is no such tensor, or it has another shape.</exception>
    public abstract ITensorSource this[string name, params ReadOnlySpan<long> shape] { get; }
}

internal sealed class CheckpointSource(Checkpoint checkpoint) : WeightSource
{
    public override bool Has(string name) => checkpoint.Tensors.ContainsKey(name);

    public override ITensorSource this[string name, params ReadOnlySpan<long> shape] => checkpoint[name].OfShape(shape);
}

/// <summary>Normally distributed enough for speed to be real: uniform with the variance of a fresh layer; norm weights are 1.</summary>
internal sealed class RandomSource(long seed) : WeightSource
{
    public override bool Has(string name) => false;

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
