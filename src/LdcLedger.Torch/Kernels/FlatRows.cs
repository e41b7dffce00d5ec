namespace LdcLedger.Torch.Kernels;

/// <summary>
/// The numbers of everything that a run trains, or their gradients, or moments: flat rows, so that a step is a handful of passes over
/// memory. LoRA has one row, full training one for each projection.
/// </summary>
internal sealed class FlatRows(IReadOnlyList<Matrix> rows) : IDisposable
{
    public FlatRows(Arithmetic arithmetic, IEnumerable<int> sizes)
        : this([.. sizes.Select(size => arithmetic.NewMatrix(1, size))]) { }

    public IReadOnlyList<Matrix> Rows { get; } = rows;

    public void Zero(Arithmetic arithmetic)
    {
        foreach (var row in Rows) arithmetic.Zero(row);
    }

    /// <summary>to += this.</summary>
    public void AddTo(FlatRows to, Arithmetic arithmetic)
    {
        for (var i = 0; i < Rows.Count; i++) arithmetic.Add(Rows[i], to.Rows[i]);
    }

    public void Dispose()
    {
        foreach (var row in Rows) row.Dispose();
    }
}
