using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels.Aten;

/// <summary>
/// The same arithmetic in ATen operations: for CUDA, and to compare with on the CPU. Activations, adapters and optimizer state are fp32;
/// products with frozen bf16 weights run in bf16 on a GPU. Every operation frees its intermediate tensors; views made outside live as long
/// as the step's scope.
/// </summary>
internal sealed partial class AtenArithmetic(Device device) : Arithmetic
{
    private readonly Dictionary<RopeTable, (Tensor Cos, Tensor Sin)> _ropes = [];

    public override string Name => device.Arithmetic;

    public override Matrix NewMatrix(int rows, int columns) => Matrix.Over(Tensor.zeros(rows, columns, device).Kept());

    public override FrozenWeight Freeze(IReadOnlyList<ITensorSource> parts, bool keepBrainFloats) =>
        Nf4DeviceWeight.Fit(parts) ? new Nf4DeviceWeight([.. parts.Cast<Nf4Tensor>()], keepBrainFloats, device)
            : new DenseDeviceWeight(parts, keepBrainFloats, device);

    public override void UseThreads(int threads) => device.UseThreads(threads);

    public override void Multiply(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false) =>
        c.Tensor!.addmm_(a.Tensor!, b.Tensor!, add ? 1 : 0, scale);

    public override void MultiplyTransposed(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false)
    {
        using var turned = b.Tensor!.t();
        c.Tensor!.addmm_(a.Tensor!, turned, add ? 1 : 0, scale);
    }

    public override void TransposedMultiply(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false)
    {
        using var turned = a.Tensor!.t();
        c.Tensor!.addmm_(turned, b.Tensor!, add ? 1 : 0, scale);
    }

    public override void Apply(FrozenWeight w, Matrix x, Matrix y, bool add = false)
    {
        using var scope = Tensor.NewScope();
        Product(x.Tensor!, ((DeviceWeight)w).Usable.t(), y.Tensor!, add);
    }

    public override void ApplyBackward(FrozenWeight w, Matrix dy, Matrix dx, bool add = false)
    {
        using var scope = Tensor.NewScope();
        Product(dy.Tensor!, ((DeviceWeight)w).Usable, dx.Tensor!, add);
    }

    private static void Product(Tensor x, Tensor w, Tensor y, bool add)
    {
        if (w.IsFloat32) y.addmm_(x, w, add ? 1 : 0, 1);
        else if (add) y.add_(x.to_type_of(w).mm(w));
        else y.copy_(x.to_type_of(w).mm(w));
    }

    public override void Embed(FrozenWeight embedding, ReadOnlySpan<int> ids, float scale, Matrix x)
    {
        using var scope = Tensor.NewScope();
        x.Tensor!.copy_(((DenseDeviceWeight)embedding).Values.index_select(0, Indices(ids)).to(Dtype.Float32).mul_(scale));
    }

    public override void RmsNorm(Matrix x, Matrix w, double eps, Matrix y, Matrix r, bool add = false)
    {
        using var scope = Tensor.NewScope();
        var grouped = Grouped(x, w);                               // (n, groups, width)
        var factor = grouped.mul(grouped).mean(2, keepdim: true).add_(eps).rsqrt_();
        r.Tensor!.copy_(factor.squeeze(2));
        var normed = grouped.mul(factor).mul_(w.Tensor!).reshape(x.Rows, x.Columns);
        if (add) y.Tensor!.add_(normed);
        else y.Tensor!.copy_(normed);
    }

    public override void RmsNormBackward(Matrix x, Matrix w, Matrix r, Matrix dy, Matrix dx, bool add = false)
    {
        using var scope = Tensor.NewScope();
        Tensor grouped = Grouped(x, w), factor = r.Tensor!.unsqueeze(2), weighted = Grouped(dy, w).mul(w.Tensor!);
        var along = weighted.mul(grouped).mean(2, keepdim: true).mul_(factor).mul_(factor).mul_(factor);
        var result = weighted.mul_(factor).sub_(grouped.mul(along)).reshape(x.Rows, x.Columns);
        if (add) dx.Tensor!.add_(result);
        else dx.Tensor!.copy_(result);
    }

    private static Tensor Grouped(Matrix x, Matrix w) => x.Tensor!.reshape(x.Rows, x.Columns / w.Columns, w.Columns);

    public override void Rotate(Matrix x, RopeTable rope, ReadOnlySpan<int> positions, bool backwards = false)
    {
        if (!_ropes.TryGetValue(rope, out var table))
        {
            Tensor Table(float[] values) => Tensor.Of(values, values.Length).narrow(0, 0, rope.Positions * rope.Half)
                .view(rope.Positions, 1, rope.Half).to(device).clone().Kept();
            _ropes[rope] = table = (Table(rope.Cos), Table(rope.Sin));
        }
        using var scope = Tensor.NewScope();
        var at = Indices(positions);
        Tensor cos = table.Cos.index_select(0, at), sin = table.Sin.index_select(0, at);                          // (n, 1, half)
        if (backwards) sin = sin.neg();
        var heads = x.Tensor!.view(x.Rows, x.Columns / (2 * rope.Half), 2, rope.Half);
        Tensor first = heads.select(2, 0), second = heads.select(2, 1);                                           // (n, heads, half)
        var turned = first.mul(cos).sub_(second.mul(sin));
        second.copy_(second.mul(cos).add_(first.mul(sin)));
        first.copy_(turned);
    }

    public override void Gate(Activation act, Matrix gateUp, Matrix h)
    {
        using var scope = Tensor.NewScope();
        h.Tensor!.copy_(Activate(act, Half(gateUp, 0), out _).mul_(Half(gateUp, 1)));
    }

    public override void GateBackward(Activation act, Matrix gateUp, Matrix dh, Matrix dGateUp, Matrix h)
    {
        using var scope = Tensor.NewScope();
        var activated = Activate(act, Half(gateUp, 0), out var slope);
        var up = Half(gateUp, 1);
        h.Tensor!.copy_(activated.mul(up));
        Half(dGateUp, 0).copy_(dh.Tensor!.mul(up).mul_(slope));
        Half(dGateUp, 1).copy_(activated.mul_(dh.Tensor!));
    }

    private static Tensor Half(Matrix gateUp, int half) => gateUp.Tensor!.narrow(1, half * (gateUp.Columns / 2), gateUp.Columns / 2);

    private static Tensor Activate(Activation act, Tensor x, out Tensor slope)
    {
        if (act == Activation.Silu)
        {
            var sigmoid = x.sigmoid();
            var activated = x.mul(sigmoid);
            slope = sigmoid.add(activated.mul(sigmoid.neg().add_(1)));
            return activated;
        }
        if (act != Activation.GeluTanh) throw new NotSupportedException($"libtorch's arithmetic has no activation {act}.");
        const double Root = 0.7978845608028654, Cubic = 0.044715;
        var square = x.mul(x);
        var tanh = square.mul(Cubic).mul_(x).add_(x).mul_(Root).tanh_();
        var inner = square.mul_(3 * Cubic).add_(1).mul_(Root);
        slope = tanh.add(1).mul_(0.5).add_(tanh.mul(tanh).neg_().add_(1).mul_(x).mul_(0.5).mul_(inner));
        return tanh.add_(1).mul_(x).mul_(0.5);
    }

    public override double CrossEntropy(Matrix logits, ReadOnlySpan<int> targets, float? gradientScale, Span<float> nats)
    {
        using var scope = Tensor.NewScope();
        var z = logits.Tensor!;
        Tensor at = Indices(targets).unsqueeze(1), sums = z.logsumexp(1, keepdim: true), each = sums.sub(z.gather(1, at)).squeeze(1);
        each.CopyTo(nats[..targets.Length]);
        if (gradientScale is { } scale)
        {
            z.sub_(sums).exp_().mul_(scale);
            z.scatter_add_(1, at, Tensor.full(targets.Length, 1, -scale, device));
        }
        double total = 0;
        foreach (var nat in nats) total += nat;
        return total;
    }

    public override void Drop(Matrix x, double p, ulong key, long firstRow, Matrix y, bool add = false)
    {
        var threshold = (uint)Math.Min(uint.MaxValue, p * 4294967296.0);
        var keep = (float)(1 / (1 - p));
        var kept = new float[(long)x.Rows * x.Columns];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = DropoutBits.Of((uint)(firstRow * x.Columns + i), key) >= threshold ? keep : 0;
        using var scope = Tensor.NewScope();
        var result = Tensor.Of(kept, x.Rows, x.Columns).to(device).mul_(x.Tensor!);
        if (add) y.Tensor!.add_(result);
        else y.Tensor!.copy_(result);
    }

    public override void Copy(Matrix from, Matrix to) => to.Tensor!.copy_(from.Tensor!);

    public override void TakeRows(Matrix from, ReadOnlySpan<int> rows, Matrix to)
    {
        using var scope = Tensor.NewScope();
        to.Tensor!.copy_(from.Tensor!.index_select(0, Indices(rows)));
    }

    public override void PutRows(Matrix from, ReadOnlySpan<int> rows, Matrix to)
    {
        using var scope = Tensor.NewScope();
        to.Tensor!.index_copy_(0, Indices(rows), from.Tensor!);
    }

    public override void Zero(Matrix x) => x.Tensor!.zero_();

    public override void Add(Matrix from, Matrix to) => to.Tensor!.add_(from.Tensor!);

    public override double SumOfSquares(Matrix x)
    {
        using var scope = Tensor.NewScope();
        var wide = x.Tensor!.to(Dtype.Float64);
        return wide.mul(wide).sum().item();
    }

    public override void AdamW(Matrix parameters, Matrix gradients, Matrix first, Matrix second, in AdamWStep step)
    {
        using var scope = Tensor.NewScope();
        var g = gradients.Tensor!.mul(step.GradientFactor);
        first.Tensor!.mul_(step.Beta1).add_(g.mul(1 - step.Beta1));
        second.Tensor!.mul_(step.Beta2).add_(g.mul_(g).mul_(1 - step.Beta2));
        var root = second.Tensor!.sqrt().div_(Math.Sqrt(1 - PortableMath.Pow(step.Beta2, step.Step))).add_(step.Eps);
        parameters.Tensor!.mul_(1 - step.LearningRate * step.WeightDecay).sub_(
            first.Tensor!.div(root).mul_(step.LearningRate / (1 - PortableMath.Pow(step.Beta1, step.Step))));
    }

    public override IDisposable StepScope() => Tensor.NewScope();

    private Tensor Indices(ReadOnlySpan<int> values) => Tensor.Of(Array.ConvertAll(values.ToArray(), value => (long)value), device);

    public override void Dispose()
    {
        foreach (var (cos, sin) in _ropes.Values)
        {
            cos.Dispose();
            sin.Dispose();
        }
        _ropes.Clear();
        base.Dispose();
    }
}
