using System.Collections.Concurrent;
using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels.Aten;

/// <summary>
/// The operations that TorchSharp has no call for, each called once on a few numbers before anything is computed: where libtorch lacks one,
/// has it with other arguments, or has none for this GPU, a sentence names it.
/// </summary>
internal static class NeededOperations
{
    private static readonly ConcurrentDictionary<(string Device, Dtype Activations), (string Name, string Reason)?> Lacking = new();

    private static readonly (string Name, Action<Device> Call)[] Everywhere =
    [
        ("mul.out", device => Some(device).mul_out_(Some(device), Some(device))),
        ("silu.out", device => Some(device).silu_out_(Some(device))),
        ("gelu.out", device => Some(device).gelu_out_(Some(device))),
        ("silu_backward.grad_input", device => Some(device).silu_backward_out_(Some(device), Some(device))),
        ("gelu_backward.grad_input", device => Some(device).gelu_backward_out_(Some(device), Some(device))),
        ("index_select.out", device => Some(device).index_select_out_(Some(device), Tensor.Of([1L, 0], device))),
        ("_log_softmax.out", device => Some(device).log_softmax_()),
        ("_fused_adamw_", device => Some(device).fused_adamw_(Some(device), Some(device), Some(device), Tensor.full(1, 1, device), 1e-3,
            0.9, 0.999, 0.01, 1e-8, Tensor.full(1, 1, device))),
    ];

    private static readonly (string Name, Action<Device> Call)[] OnCpu =
    [
        ("_scaled_dot_product_flash_attention_for_cpu", device => CpuAttention(device)),
        ("_scaled_dot_product_flash_attention_for_cpu_backward", device =>
        {
            var (x, y, sums) = CpuAttention(device);
            x.cpu_attention_backward(x, x, x, y, sums, null, 1);
        }),
    ];

    private static readonly (string Name, Action<Device> Call)[] OnGpu =
    [
        ("bmm.out", device => Stacked(device).bmm_out_(Stacked(device), Stacked(device))),
        ("_fused_rms_norm", device => Some(device).fused_rms_norm(null, 1e-6)),
        ("_fused_rms_norm_backward", device =>
        {
            var (y, r) = Some(device).fused_rms_norm(null, 1e-6);
            y.fused_rms_norm_backward(Some(device), r, null);
        }),
    ];

    private static readonly (string Name, Action<Device> Call)[] OnGpuInBrainFloats =
    [
        ("cat.out", device => Tensor.zeros(4, 2, Dtype.BrainFloat16, device)
            .cat_out_(0, Some(device, Dtype.BrainFloat16), Some(device, Dtype.BrainFloat16))),
        ("_log_softmax", device => Some(device, Dtype.BrainFloat16).log_softmax_float32()),
        ("_flash_attention_forward", device => Flash(device)),
        ("_flash_attention_backward", device =>
        {
            var (x, y, sums, state, unused, starts) = Flash(device);
            x.flash_attention_backward(x, x, x, y, sums, state, unused, starts, 2, 1, 1);
        }),
    ];

    private static readonly (string Name, Action<Device> Call)[] OnGpuInFloats =
    [
        ("sum.IntList_out", device => Some(device).sum_out_(Stacked(device), 0)),
        ("_efficient_attention_forward", device => Efficient(device)),
        ("_efficient_attention_backward", device =>
        {
            var (x, y, sums, state, unused, starts) = Efficient(device);
            x.efficient_attention_backward(x, x, x, y, sums, state, unused, starts, 2, 1, 1);
        }),
    ];

    /// <exception cref="InvalidInputException">libtorch does not compute one that the device needs; the sentence names it.</exception>
    public static void Check(Device device, Dtype activations)
    {
        if (!device.HasNumbers) return;
        var lacking = Lacking.GetOrAdd((device.Name, activations), _ => FirstLacking(device, device.IsCpu ? [.. Everywhere, .. OnCpu]
            : [.. Everywhere, .. OnGpu, .. activations == Dtype.BrainFloat16 ? OnGpuInBrainFloats : OnGpuInFloats]));
        if (lacking is { } first) throw Refusal(first, device);
    }

    internal static InvalidInputException Refusal((string Name, string Reason) lacking, Device device) => new(
        $"libtorch {TorchRuntime.Version} does not compute aten::{lacking.Name} on {device.Name} as LdcLedger calls it "
            + $"({lacking.Reason.TrimEnd('.')}); libtorch 2.10 does{(device.IsCpu ? "" : ", on GPUs from Ampere on")}, "
            + "and device cpu needs no libtorch.");

    /// <summary>The first operation that libtorch refuses; null: none.</summary>
    internal static (string Name, string Reason)? FirstLacking(Device device, IEnumerable<(string Name, Action<Device> Call)> operations)
    {
        foreach (var (name, call) in operations)
        {
            using var scope = Tensor.NewScope();
            try
            {
                call(device);
            }
            catch (LibtorchException refusal) when (!refusal.IsOutOfMemory)
            {
                return (name, refusal.Message);
            }
        }
        return null;
    }

    private static Tensor Some(Device device, Dtype type = Dtype.Float32) => Tensor.zeros(2, 2, type, device);

    private static Tensor Stacked(Device device) => Tensor.zeros(2, 2, Dtype.Float32, device).Reshaped(1, 2, 2);

    private static (Tensor X, Tensor Y, Tensor Sums) CpuAttention(Device device)
    {
        var x = Tensor.zeros(2, 8, Dtype.Float32, device).Reshaped(1, 1, 2, 8);
        var (y, sums) = x.cpu_attention(x, x, null, 1);
        return (x, y, sums);
    }

    private static (Tensor X, Tensor Y, Tensor Sums, Tensor State, Tensor Unused, Tensor Starts) Flash(Device device)
    {
        Tensor x = Tensor.zeros(2, 8, Dtype.BrainFloat16, device).Reshaped(2, 1, 8), starts = Tensor.Of([0L, 2], device).to(Dtype.Int32);
        var (y, sums, state, unused) = x.flash_attention(x, x, starts, 2, 1, 1);
        return (x, y, sums, state, unused, starts);
    }

    private static (Tensor X, Tensor Y, Tensor Sums, Tensor State, Tensor Unused, Tensor Starts) Efficient(Device device)
    {
        Tensor x = Tensor.zeros(2, 8, Dtype.Float32, device).Reshaped(2, 1, 8), starts = Tensor.Of([0L, 2], device).to(Dtype.Int32);
        var (y, sums, state, unused) = x.efficient_attention(x, x, starts, 2, 1, 1);
        return (x, y, sums, state, unused, starts);
    }
}
