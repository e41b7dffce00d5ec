using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels.Aten;

// Which elements are dropped is the same on every device: the bits of a key and a place. In libtorch's operations these would be some
// twenty-five for each matrix, and would move more memory than the rest of a layer; so a GPU has a kernel of our own for it, and on the CPU
// the tensor's memory is the host's.
internal sealed partial class AtenArithmetic
{
    private readonly Dictionary<(int Rows, int Columns), Matrix> _rooms = [];
    private DropoutKernel? _dropout;

    private DropoutKernel Dropout => _dropout ??= new DropoutKernel(_device, _activations == Dtype.BrainFloat16);

    public override void Drop(Matrix x, double p, ulong key, long firstRow, Matrix y, bool add = false)
    {
        if (_device.IsCpu) DropOnHost(x, p, key, firstRow, y, add);
        else if (add) Dropout.AddLeft(x, new Dropping(p, firstRow, [key]), y);
        else Dropout.Drop(x, new Dropping(p, firstRow, [key]), y);
    }

    private static unsafe void DropOnHost(Matrix x, double p, ulong key, long firstRow, Matrix y, bool add)
    {
        Tensor from = x.Tensor!, to = y.Tensor!;
        OperationCount.Current?.Operated();
        float* source = (float*)from.Address, target = (float*)to.Address;
        for (var row = 0; row < x.Rows; row++)
            DropoutBits.Drop(new ReadOnlySpan<float>(source + row * from.RowStride, x.Columns), (uint)((firstRow + row) * x.Columns), p,
                key, new Span<float>(target + row * to.RowStride, x.Columns), add);
        GC.KeepAlive(from);
        GC.KeepAlive(to);
    }

    // On a GPU all parts at once, one below the other; layers take turns with it.
    public override Matrix NewDropRoom(int tokens, int columns, int parts)
    {
        var size = (Rows: _device.IsCpu ? tokens : parts * tokens, Columns: columns);
        if (!_rooms.TryGetValue(size, out var room)) _rooms[size] = room = NewActivations(size.Rows, size.Columns);
        return room.View(0, size.Rows, 0, size.Columns);
    }

    public override void MultiplyDropped(Matrix x, in Dropping drop, Stack a, Stack low, Matrix room)
    {
        if (_device.IsCpu || !OfOneRank(a))
        {
            base.MultiplyDropped(x, drop, a, low, room);
            return;
        }
        using var scope = Tensor.NewScope();
        Dropout.Drop(x, drop, room);
        Columns(low).bmm_out_(Stacked(room, a.Parts.Count), Stacked(a.Whole, a.Parts.Count).transpose(1, 2));
    }

    public override void AddDroppedInputGradient(Stack dLow, Stack a, in Dropping drop, Matrix room, Matrix dx)
    {
        if (_device.IsCpu || !OfOneRank(a))
        {
            base.AddDroppedInputGradient(dLow, a, drop, room, dx);
            return;
        }
        using var scope = Tensor.NewScope();
        Stacked(room, a.Parts.Count).bmm_out_(Columns(dLow), Stacked(a.Whole, a.Parts.Count));
        Dropout.AddLeft(room, drop, dx);
    }

    public override void AddDroppedWeightGradient(Stack dLow, Matrix x, in Dropping drop, Matrix room, Stack dA)
    {
        if (_device.IsCpu || !OfOneRank(dA))
        {
            base.AddDroppedWeightGradient(dLow, x, drop, room, dA);
            return;
        }
        Dropout.Drop(x, drop, room);
        for (var i = 0; i < dA.Parts.Count; i++)
            TransposedMultiply(dLow.Parts[i], room.View(i * x.Rows, x.Rows, 0, x.Columns), dA.Parts[i], add: true);
    }

    private static bool OfOneRank(Stack a) => a.Parts.All(part => part.Rows == a.Parts[0].Rows);

    /// <summary>Parts one below the other, as (parts, rows, columns).</summary>
    private static Tensor Stacked(Matrix whole, int parts) => whole.Tensor!.view(parts, whole.Rows / parts, whole.Columns);

    /// <summary>Parts beside each other, as (parts, rows, columns of one).</summary>
    private static Tensor Columns(Stack low) =>
        low.Whole.Tensor!.view(low.Whole.Rows, low.Parts.Count, low.Whole.Columns / low.Parts.Count).transpose(0, 1);
}
