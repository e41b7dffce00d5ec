using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Packing;

namespace LdcLedger.Torch.Training;

/// <summary>
/// Activations as they enter one layer, for every row of some data: below the lowest adapted layer nothing changes while a run trains, so they are
/// computed once and reused over epochs, regimes and seeds. A row's activations do not depend on the rows beside it, so losses are the same bit for bit.
/// Safe to share between runs on one base.
/// </summary>
public sealed class FrozenPrefix
{
    private readonly float[]?[] _rows;
    private readonly int _length, _hidden;

    /// <param name="layer">Whose input is kept; a run that adapts no lower layer may use it.</param>
    public FrozenPrefix(Models.BaseModel model, PackedRows data, int layer) =>
        (_rows, _length, _hidden, Layer) = (new float[]?[data.Rows], data.Length, model.Config.Hidden, layer);

    public int Layer { get; }

    /// <summary>What all rows together take.</summary>
    public long Bytes => BytesFor(_rows.Length, _length, _hidden);

    public static long BytesFor(int rows, int length, int hidden) => (long)rows * length * hidden * sizeof(float);

    internal bool TryRead(ReadOnlySpan<int> rows, Matrix to)
    {
        foreach (var row in rows) if (Volatile.Read(ref _rows[row]) is null) return false;
        for (var i = 0; i < rows.Length; i++) to.View(i * _length, _length, 0, _hidden).Set(_rows[rows[i]]);
        return true;
    }

    internal void Write(ReadOnlySpan<int> rows, Matrix from)
    {
        for (var i = 0; i < rows.Length; i++)
            if (Volatile.Read(ref _rows[rows[i]]) is null) Volatile.Write(ref _rows[rows[i]], from.View(i * _length, _length, 0, _hidden).ToArray());
    }
}
