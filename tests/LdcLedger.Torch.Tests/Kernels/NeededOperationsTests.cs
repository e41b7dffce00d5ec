using LdcLedger.Torch.Kernels.Aten;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Tests.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>What libtorch says of operations is on the process's stderr, so nothing may write there beside it.</summary>
[Collection(nameof(MemoryTests))]
public sealed class NeededOperationsTests
{
    [Fact]
    public void This_libtorch_has_all_that_a_CPU_needs() => NeededOperations.Check(Device.Named(Device.Cpu), Dtype.Float32);

    /// <summary>
    /// libtorch takes the arguments as they are given, by number, order and type, before it says that it computes this on CUDA alone.
    /// </summary>
    [Fact]
    public void What_a_GPU_alone_computes_is_called_as_libtorch_knows_it()
    {
        var cpu = Device.Named(Device.Cpu);
        using var scope = Tensor.NewScope();
        Tensor x = Tensor.zeros(2, 8, Dtype.Float32, cpu).Reshaped(2, 1, 8), starts = Tensor.Of([0L, 2], cpu).to(Dtype.Int32),
            rows = Tensor.zeros(2, 8, Dtype.Float32, cpu), weight = Tensor.full(8, 1, cpu);
        foreach (var (operation, call) in new (string, Action)[]
        {
            ("_flash_attention_forward", () => x.flash_attention(x, x, starts, 2, 1, null)),
            ("_flash_attention_forward", () => x.flash_attention(x, x, starts, 2, 1, 1)),
            ("_flash_attention_backward", () => x.flash_attention_backward(x, x, x, x, x, x, x, starts, 2, 1, 1)),
            ("_efficient_attention_forward", () => x.efficient_attention(x, x, starts, 2, 1, 1)),
            ("_efficient_attention_backward", () => x.efficient_attention_backward(x, x, x, x, x, x, x, starts, 2, 1, 1)),
            ("_fused_rms_norm_backward", () => rows.fused_rms_norm_backward(rows, rows, weight)),
        })
        {
            using var overheard = new Overheard();
            var refusal = Assert.Throws<LibtorchException>(call);

            Assert.Equal($"Could not run 'aten::{operation}' with arguments from the 'CPU' backend.", refusal.Message);
            Assert.False(refusal.IsOutOfMemory);
            Assert.Contains(refusal.Message, overheard.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_operation_that_it_lacks_is_named_in_a_sentence()
    {
        var cpu = Device.Named(Device.Cpu);
        (string, Action<Device>)[] needed =
        [
            ("silu.out", device => Tensor.zeros(1, 1, Dtype.Float32, device).silu_out_(Tensor.zeros(1, 1, Dtype.Float32, device))),
            ("_no_such_operation", _ => Dispatcher.Call(new Operation("_no_such_operation"), [], [])),
        ];
        using var overheard = new Overheard();

        var lacking = NeededOperations.FirstLacking(cpu, needed);

        Assert.Equal("_no_such_operation", lacking?.Name);
        Assert.Equal($"libtorch {TorchRuntime.Version} does not compute aten::_no_such_operation on cpu:torch as LdcLedger calls it "
            + "(Could not find schema for aten::_no_such_operation); libtorch 2.10 does, and device cpu needs no libtorch.",
            NeededOperations.Refusal(lacking!.Value, cpu).Message);
    }

    /// <summary>A refusal is no lack where a device is full: then another operation would be refused another time.</summary>
    [Fact]
    public void An_operation_that_lacks_memory_says_so_and_is_not_taken_for_one_that_libtorch_lacks()
    {
        var cpu = Device.Named(Device.Cpu);
        using var overheard = new Overheard();

        var refusal = Assert.Throws<LibtorchException>(() => NeededOperations.FirstLacking(cpu,
            [("_fused_rms_norm", device => Tensor.zeros(1, 1, Dtype.Float32, device).expand(1L << 40, 1024).fused_rms_norm(null, 1e-6))]));

        Assert.True(refusal.IsOutOfMemory);
        Assert.Equal($"DefaultCPUAllocator: can't allocate memory: you tried to allocate {1L << 52} bytes.", refusal.Message);
    }

    [Fact]
    public void What_native_code_writes_meanwhile_is_heard_and_afterwards_goes_where_it_did()
    {
        using var outer = new Overheard();
        using (var inner = new Overheard())
        {
            Refuse();
            Assert.Contains("_no_such_operation", inner.Text, StringComparison.Ordinal);
        }
        Assert.Equal("", outer.Text);
        Refuse();
        Assert.Contains("_no_such_operation", outer.Text, StringComparison.Ordinal);

        static void Refuse() => Assert.Throws<LibtorchException>(() => Dispatcher.Call(new Operation("_no_such_operation"), [], []));
    }

    [Fact]
    public void A_function_that_libtorch_does_not_export_is_named_in_a_sentence()
    {
        var refusal = Assert.Throws<InvalidInputException>(() => TorchRuntime.Export("torch_no_such_function"));

        Assert.StartsWith($"libtorch {TorchRuntime.Version} has no torch_no_such_function", refusal.Message, StringComparison.Ordinal);
    }
}
