using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels.Aten;

/// <summary>
/// The same arithmetic in libtorch's operations: written for a GPU, where every operation is a launch and every read of a result a wait,
/// and run on the CPU, too, to compare with. Activations, products and gradients of a pass are in one type, bf16 on a GPU under a base of
/// bf16, else fp32; adapters, sums of gradients and optimizer state are fp32; norms, softmax and losses are fp32 inside. Every operation
/// frees its intermediate tensors; views made outside live as long as the step's scope.
/// </summary>
internal sealed partial class AtenArithmetic : Arithmetic
{
    private readonly Device _device;
    private readonly Dtype _activations;
    private readonly bool _cpuSized;
    private readonly Dictionary<RopeTable, (Tensor Cos, Tensor Sin)> _ropes = [];

    /// <param name="brainFloats">Whether the base is kept in bf16.</param>
    /// <param name="cpuSized">Whether passes are as large as on a CPU, where a device of shapes stands for one.</param>
    /// <param name="asOnGpu">Whether activations are bf16 on the CPU, too: to see a GPU's types work where there is none.</param>
    /// <exception cref="InvalidInputException">libtorch does not compute an operation that the device needs.</exception>
    public AtenArithmetic(Device device, bool brainFloats = false, bool cpuSized = false, bool asOnGpu = false)
    {
        (_device, _cpuSized) = (device, cpuSized || device.IsCpu);
        _activations = brainFloats && (asOnGpu || !_cpuSized) ? Dtype.BrainFloat16 : Dtype.Float32;
        NeededOperations.Check(device, _activations);
        // What a killed run has to do again must come out the same.
        if (!device.IsCpu && device.HasNumbers) Determinism.Demand();
    }

    public override string Name => _device.Arithmetic;

    // Enough to fill a GPU; on a CPU as many as pay for laying out the weights, which every product does anew.
    public override int PassTokens => _cpuSized ? 2048 : 8192;

    // On the CPU half a gigabyte of fp32, on a GPU two of bf16.
    public override int LogitRows(int vocabulary) => Math.Max(256, (_cpuSized ? 1 << 27 : 1 << 30) / vocabulary);

    public override bool AddsToMasters => _activations == Dtype.Float32;

    public override Matrix NewMatrix(int rows, int columns) => New(rows, columns, Dtype.Float32);

    public override Matrix NewActivations(int rows, int columns) => New(rows, columns, _activations);

    private Matrix New(int rows, int columns, Dtype type) => Matrix.Over(Tensor.zeros(rows, columns, type, _device).Kept());

    public override Matrix ShadowOf(Matrix master) => AddsToMasters ? master : NewActivations(master.Rows, master.Columns);

    public override FrozenWeight Freeze(IReadOnlyList<ITensorSource> parts, bool keepBrainFloats) =>
        Nf4DeviceWeight.Fit(parts) ? new Nf4DeviceWeight([.. parts.Cast<Nf4Tensor>()], keepBrainFloats, _device)
            : new DenseDeviceWeight(parts, keepBrainFloats, _device);

    public override void UseThreads(int threads) => _device.UseThreads(threads);

    // Products

    public override void Multiply(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false) =>
        c.Tensor!.addmm_(a.Tensor!, b.Tensor!, add ? 1 : 0, scale);

    public override void MultiplyTransposed(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false)
    {
        using var scope = Tensor.NewScope();
        c.Tensor!.addmm_(a.Tensor!, b.Tensor!.t(), add ? 1 : 0, scale);
    }

    public override void TransposedMultiply(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false)
    {
        using var scope = Tensor.NewScope();
        c.Tensor!.addmm_(a.Tensor!.t(), b.Tensor!, add ? 1 : 0, scale);
    }

    public override void Apply(FrozenWeight w, Matrix x, Matrix y, bool add = false)
    {
        using var scope = Tensor.NewScope();
        y.Tensor!.addmm_(x.Tensor!, ((DeviceWeight)w).As(_activations).t(), add ? 1 : 0, 1);
    }

    public override void ApplyBackward(FrozenWeight w, Matrix dy, Matrix dx, bool add = false)
    {
        using var scope = Tensor.NewScope();
        dx.Tensor!.addmm_(dy.Tensor!, ((DeviceWeight)w).As(_activations), add ? 1 : 0, 1);
    }

    // Rows

    public override void Place(Batch batch) => batch.Placed = new PlacedBatch(batch, _device);

    private static PlacedBatch On(Batch batch) =>
        (PlacedBatch?)batch.Placed ?? throw new InvalidOperationException("The batch has not been placed on the device.");

    public override void Embed(FrozenWeight embedding, Batch batch, float scale, Matrix x)
    {
        using var scope = Tensor.NewScope();
        var rows = ((DenseDeviceWeight)embedding).Values.index_select(On(batch).Ids);
        x.Tensor!.copy_(rows);
        if (scale != 1) x.Tensor!.mul_(scale);
    }

    public override void TakeScored(Matrix from, Batch batch, int first, Matrix to)
    {
        using var scope = Tensor.NewScope();
        to.Tensor!.index_select_out_(from.Tensor!, On(batch).Scored.narrow(0, first, to.Rows));
    }

    public override void PutScored(Matrix from, Batch batch, int first, Matrix to)
    {
        using var scope = Tensor.NewScope();
        to.Tensor!.index_copy_(0, On(batch).Scored.narrow(0, first, from.Rows), from.Tensor!);
    }

    // x [n, heads, 2, half]: each head's halves turn into one another.
    public override void Rotate(Matrix x, RopeTable rope, Batch batch, bool backwards = false)
    {
        using var scope = Tensor.NewScope();
        var (cos, sin) = On(batch).Angles(rope, () => TableOf(rope), _activations);                               // (n, 1, d)
        int n = x.Rows, heads = x.Columns / (2 * rope.Half);
        var whole = x.Tensor!.view(n, heads, 2 * rope.Half);
        var turned = whole.mul(sin).view(n, heads, 2, rope.Half);
        whole.mul_(cos);
        var halves = x.Tensor!.view(n, heads, 2, rope.Half);
        Tensor first = halves.select(2, 0), second = halves.select(2, 1);
        if (backwards)
        {
            first.add_(turned.select(2, 1));
            second.sub_(turned.select(2, 0));
        }
        else
        {
            first.sub_(turned.select(2, 1));
            second.add_(turned.select(2, 0));
        }
    }

    /// <summary>Both halves' angles beside each other [positions, d].</summary>
    private (Tensor Cos, Tensor Sin) TableOf(RopeTable rope)
    {
        if (!_ropes.TryGetValue(rope, out var table))
            _ropes[rope] = table = (Both(rope.Cos).Kept(), Both(rope.Sin).Kept());
        return table;

        Tensor Both(float[] values)
        {
            var both = new float[rope.Positions * 2 * rope.Half];
            for (var p = 0; p < rope.Positions; p++)
                for (var half = 0; half < 2; half++)
                    Array.Copy(values, p * rope.Half, both, (2 * p + half) * rope.Half, rope.Half);
            return Tensor.Of(both, _device, rope.Positions, 2 * rope.Half);
        }
    }

    public override void Copy(Matrix from, Matrix to) => to.Tensor!.copy_(from.Tensor!);

    public override void Zero(Matrix x) => x.Tensor!.zero_();

    public override void Add(Matrix from, Matrix to) => to.Tensor!.add_(from.Tensor!);

    public override IDisposable StepScope() => Tensor.NewScope();

    public override void Dispose()
    {
        foreach (var (cos, sin) in _ropes.Values)
        {
            cos.Dispose();
            sin.Dispose();
        }
        _ropes.Clear();
        foreach (var passed in _passed.Values) passed.Dispose();
        _passed.Clear();
        foreach (var room in _rooms.Values) room.Dispose();
        _rooms.Clear();
        _ones?.Dispose();
        base.Dispose();
    }
}
