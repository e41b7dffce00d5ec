using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels.Aten;

internal sealed partial class AtenArithmetic
{
    private Tensor? _ones;

    public override void Gate(Activation act, Matrix gateUp, Matrix h)
    {
        using var scope = Tensor.NewScope();
        Activate(act, Half(gateUp, 0), h.Tensor!).mul_(Half(gateUp, 1));
    }

    public override void GateBackward(Activation act, Matrix gateUp, Matrix dh, Matrix dGateUp, Matrix h)
    {
        using var scope = Tensor.NewScope();
        Tensor gate = Half(gateUp, 0), up = Half(gateUp, 1);
        Half(dGateUp, 1).mul_out_(Activate(act, gate, h.Tensor!), dh.Tensor!);
        h.Tensor!.mul_(up);
        var activated = dh.Tensor!.mul_(up);
        _ = act switch
        {
            Activation.Silu => Half(dGateUp, 0).silu_backward_out_(activated, gate),
            Activation.GeluTanh => Half(dGateUp, 0).gelu_backward_out_(activated, gate),
            _ => throw Unknown(act),
        };
    }

    private static Tensor Half(Matrix gateUp, int half) => gateUp.Tensor!.narrow(1, half * (gateUp.Columns / 2), gateUp.Columns / 2);

    private static Tensor Activate(Activation act, Tensor x, Tensor y) => act switch
    {
        Activation.Silu => y.silu_out_(x),
        Activation.GeluTanh => y.gelu_out_(x),
        _ => throw Unknown(act),
    };

    private static NotSupportedException Unknown(Activation act) => new($"libtorch's arithmetic has no activation {act}.");

    public override void CrossEntropy(Matrix logits, Batch batch, int first, float? gradientScale, Sum total, Span<float> nats)
    {
        using var scope = Tensor.NewScope();
        var z = logits.Tensor!;
        var logs = _activations == Dtype.Float32 ? z.log_softmax_()                                               // (n, vocab), fp32
            : _device.IsCpu ? z.to(Dtype.Float32).log_softmax_() : z.log_softmax_float32();
        var all = logs.view((long)logits.Rows * logits.Columns);
        var at = On(batch).TargetPlaces(first, logits.Rows, logits.Columns);
        var each = all.index_select(at);
        ((DeviceSum)total).Value.sub_(each.sum());
        if (!nats.IsEmpty)
        {
            each.CopyTo(nats);
            foreach (ref var nat in nats) nat = -nat;
        }
        if (gradientScale is not { } scale) return;
        logs.exp_();
        all.index_add_(0, at, Ones(logits.Rows), -1);
        logs.mul_(scale);
        if (_activations != Dtype.Float32) z.copy_(logs);
    }

    private Tensor Ones(int count)
    {
        if (_ones is not null && _ones.Shape[0] >= count) return _ones.narrow(0, 0, count);
        _ones?.Dispose();
        _ones = Tensor.full(count, 1, _device).Kept();
        return _ones;
    }

    public override Sum NewSum() => new DeviceSum(_device);

    private sealed class DeviceSum(Device device) : Sum
    {
        /// <summary>One number of fp64.</summary>
        public Tensor Value { get; } = Tensor.zeros(1, 1, Dtype.Float64, device).Kept().Reshaped(1).Kept();

        public override void Zero() => Value.zero_();

        public override void Add(Sum other) => Value.add_(((DeviceSum)other).Value);

        public override void Dispose()
        {
            Value.Dispose();
            base.Dispose();
        }
    }

    public override (double Sum, double SumOfSquares) Read(Sum sum, IReadOnlyList<Matrix> rows)
    {
        using var scope = Tensor.NewScope();
        var value = ((DeviceSum)sum).Value;
        if (rows.Count == 0) return (value.item(), 0);
        var squares = Tensor.zeros(1, 1, Dtype.Float64, _device).view(1);
        foreach (var row in rows)
        {
            var wide = row.Tensor!.view(row.Columns).to(Dtype.Float64);
            squares.add_(wide.mul_(wide).sum());
        }
        Span<double> both = stackalloc double[2];
        Tensor.stack(value, squares).CopyTo(both);
        return (both[0], both[1]);
    }

    public override void AdamW(Matrix parameters, Matrix gradients, Matrix first, Matrix second, in AdamWStep step)
    {
        using var scope = Tensor.NewScope();
        parameters.Tensor!.fused_adamw_(gradients.Tensor!, first.Tensor!, second.Tensor!, Tensor.full(1, step.Step, _device),
            step.LearningRate, step.Beta1, step.Beta2, step.WeightDecay, step.Eps,
            step.GradientFactor == 1 ? null : Tensor.full(1, 1.0 / step.GradientFactor, _device));
    }
}
