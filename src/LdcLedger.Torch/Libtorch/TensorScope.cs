namespace LdcLedger.Torch.Libtorch;

/// <summary>Frees, when disposed, every tensor that its thread has made since then, but for those that were kept or moved.</summary>
internal sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? Innermost;

    private readonly TensorScope? _outer = Innermost;
    private readonly List<Tensor> _tensors = [];

    public TensorScope() => Innermost = this;

    /// <summary>The one that this thread's next tensor belongs to; null: whoever makes it disposes of it.</summary>
    public static TensorScope? Current => Innermost;

    public void Add(Tensor tensor) => _tensors.Add(tensor);

    public void Dispose()
    {
        Innermost = _outer;
        foreach (var tensor in _tensors)
            if (tensor.Scope == this) tensor.Dispose();
        _tensors.Clear();
    }
}
