using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels.Aten;

// On a GPU libtorch has one operation forward and one backward. On the CPU it has none backward, and its forward one is these steps.
internal sealed partial class AtenArithmetic
{
    public override Matrix NewNorm(float[] values)
    {
        var norm = base.NewNorm(values);
        // The fused operation wants the weight in the type of x. Llama's are bf16 numbers; Gemma's, 1 + w, are not: to round those would
        // scale whole columns by up to 0.4 % too much, so they are multiplied by afterwards.
        if (AddsToMasters || !Array.TrueForAll(values, IsBrainFloat)) return norm;
        var brief = NewActivations(1, values.Length);
        brief.Set(values);
        norm.Brief = brief;
        return norm;

        static bool IsBrainFloat(float value) => (BitConverter.SingleToUInt32Bits(value) & 0xFFFF) == 0;
    }

    public override void RmsNorm(Matrix x, Matrix w, double eps, Matrix y, Matrix r, Matrix? plus = null)
    {
        using var scope = Tensor.NewScope();
        var grouped = Grouped(x, w);                                                                              // (n, groups, width)
        if (_device.IsCpu)
        {
            RmsNorm(grouped, w.Tensor!, eps, Grouped(y, w), r.Tensor!, plus is null ? null : Grouped(plus, w));
            return;
        }
        var (normed, factor) = grouped.fused_rms_norm(Weight(w), eps);
        if (Weight(w) is null) normed.mul_(w.Tensor!);
        r.Become(factor.Reshaped(r.Rows, r.Columns));
        normed = normed.Reshaped(y.Rows, y.Columns);
        if (plus is not null) normed.add_(plus.Tensor!);
        y.Become(normed);
    }

    public override void RmsNormBackward(Matrix x, Matrix w, Matrix r, Matrix dy, Matrix dx, bool add = false)
    {
        using var scope = Tensor.NewScope();
        Tensor grouped = Grouped(x, w), factor = r.Tensor!.unsqueeze(2), gradient = Grouped(dy, w);
        if (_device.IsCpu)
        {
            RmsNormBackward(grouped, w.Tensor!, factor, gradient, Grouped(dx, w), add);
            return;
        }
        if (Weight(w) is null)
        {
            var weighted = Tensor.empty([.. gradient.Shape], _activations, _device);
            gradient = weighted.mul_out_(gradient, w.Tensor!);
        }
        var result = gradient.fused_rms_norm_backward(grouped, factor, Weight(w)).Reshaped(dx.Rows, dx.Columns);
        if (add) dx.Tensor!.add_(result);
        else dx.Become(result);
    }

    /// <summary>As the fused operation takes it [width]; null: it is multiplied by afterwards.</summary>
    private Tensor? Weight(Matrix w) => AddsToMasters ? w.Tensor!.squeeze(0) : w.Brief?.Tensor!.squeeze(0);

    private static Tensor Grouped(Matrix x, Matrix w) => x.Tensor!.view(x.Rows, x.Columns / w.Columns, w.Columns);

    private static void RmsNorm(Tensor x, Tensor w, double eps, Tensor y, Tensor r, Tensor? plus)
    {
        var room = x.mul(x);
        var factor = room.mean(2, keepdim: true).add_(eps).rsqrt_();
        r.copy_(factor.squeeze(2));
        if (plus is not null) y.copy_(plus).addcmul_(room.mul_out_(x, factor), w, 1);
        else y.mul_out_(x, factor).mul_(w);
    }

    // dx = r w dy - x r^3 mean(w dy x)
    private static void RmsNormBackward(Tensor x, Tensor w, Tensor r, Tensor dy, Tensor dx, bool add)
    {
        var weighted = dy.mul(w);
        var along = weighted.mul(x).mean(2, keepdim: true).mul_(r).mul_(r).mul_(r);
        if (add) dx.addcmul_(weighted, r, 1);
        else dx.mul_out_(weighted, r);
        dx.addcmul_(x, along, -1);
    }
}
