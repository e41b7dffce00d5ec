namespace LdcLedger.Torch.Kernels;

/// <summary>A sum of nats in fp64, where the numbers are computed that go into it; <see cref="Arithmetic.Read"/> reads it.</summary>
internal abstract class Sum : IDisposable
{
    public abstract void Zero();

    /// <summary>this += other, of the same arithmetic.</summary>
    public abstract void Add(Sum other);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>One in the host's memory.</summary>
internal sealed class HostSum : Sum
{
    public double Value { get; set; }

    public override void Zero() => Value = 0;

    public override void Add(Sum other) => Value += ((HostSum)other).Value;
}
