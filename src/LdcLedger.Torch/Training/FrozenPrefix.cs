using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Packing;

namespace LdcLedger.Torch.Training;

/// <summary>
/// Activations as they enter one layer, for every row of some data: below the lowest adapted layer nothing changes while a run trains, so
/// they are computed once and reused over epochs, regimes and seeds. A row's activations do not depend on the rows beside it, so losses are
/// the same bit for bit. Safe to share between runs on one base.
/// </summary>
public sealed class FrozenPrefix : IDisposable
{
    private readonly bool[] _there;
    private readonly float[]?[] _inMemory;
    private readonly MappedRows? _onDisk;
    private readonly int _length, _hidden;

    /// <param name="layer">Whose input is kept; a run that adapts no lower layer may use it.</param>
    /// <param name="folder">Where they are kept in a memory-mapped file; null: in memory.</param>
    /// <exception cref="IOException">The folder's disk has not room for them.</exception>
    public FrozenPrefix(BaseModel model, ITokenRows data, int layer, string? folder = null)
    {
        (_there, _length, _hidden, Layer) = (new bool[data.Rows], data.Length, model.Config.Hidden, layer);
        _inMemory = folder is null ? new float[]?[data.Rows] : [];
        _onDisk = folder is null ? null : new(folder, data.Rows, _length * _hidden);
    }

    public int Layer { get; }

    /// <summary>What all rows together take.</summary>
    public static long BytesFor(int rows, int length, int hidden) => (long)rows * length * hidden * sizeof(float);

    internal bool TryRead(ReadOnlySpan<int> rows, Matrix to)
    {
        foreach (var row in rows) if (!Volatile.Read(ref _there[row])) return false;
        if (to.Tensor is not null)
        {
            // To a device in one piece.
            var all = new float[rows.Length * _length * _hidden];
            for (var i = 0; i < rows.Length; i++) Kept(rows[i]).CopyTo(all.AsSpan(i * _length * _hidden));
            to.View(0, rows.Length * _length, 0, _hidden).Set(all);
            return true;
        }
        for (var i = 0; i < rows.Length; i++) to.View(i * _length, _length, 0, _hidden).Set(Kept(rows[i]));
        return true;
    }

    private ReadOnlySpan<float> Kept(int row) => _onDisk is null ? _inMemory[row] : _onDisk[row];

    internal void Write(ReadOnlySpan<int> rows, Matrix from)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (Volatile.Read(ref _there[rows[i]])) continue;
            var activations = from.View(i * _length, _length, 0, _hidden).ToArray();
            // Who writes the same row at the same time writes the same numbers.
            if (_onDisk is null) _inMemory[rows[i]] = activations;
            else activations.CopyTo(_onDisk[rows[i]]);
            Volatile.Write(ref _there[rows[i]], true);
        }
    }

    public void Dispose() => _onDisk?.Dispose();
}

/// <summary>Activations as they enter one layer, of a domain's training and held-out rows.</summary>
public sealed record FrozenPrefixes(FrozenPrefix Training, FrozenPrefix HeldOut) : IDisposable
{
    /// <param name="folder">Where they are kept in memory-mapped files; null: in memory.</param>
    /// <exception cref="IOException">The folder's disk has not room for them.</exception>
    public static FrozenPrefixes Of(BaseModel model, DomainData data, int layer, string? folder)
    {
        var training = new FrozenPrefix(model, data.Training, layer, folder);
        try
        {
            return new FrozenPrefixes(training, new FrozenPrefix(model, data.HeldOut, layer, folder));
        }
        catch
        {
            training.Dispose();
            throw;
        }
    }

    /// <summary>What both together take.</summary>
    public static long BytesFor(ModelConfig config, DomainData data) =>
        FrozenPrefix.BytesFor(data.Training.Rows, data.Training.Length, config.Hidden)
            + FrozenPrefix.BytesFor(data.HeldOut.Rows, data.HeldOut.Length, config.Hidden);

    public void Dispose()
    {
        Training.Dispose();
        HeldOut.Dispose();
    }
}
