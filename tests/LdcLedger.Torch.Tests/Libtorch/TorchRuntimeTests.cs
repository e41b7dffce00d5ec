using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Libtorch;

/// <summary>What events say of the arithmetic that made a number.</summary>
public sealed class TorchRuntimeTests
{
    [Fact]
    public void The_loaded_libtorch_says_the_version_that_the_bindings_were_made_for()
    {
        TorchRuntime.Load();

        Assert.Equal(string.Join('.', TorchSharp.torch.__version__.Split('.').Take(2)), TorchRuntime.Version);
    }

    [Theory]
    [InlineData(0x020A_0000_0000_0000UL, "2.10")]
    [InlineData(0x020A_0100_0000_0000UL, "2.10.1")]
    public void A_version_is_read_from_the_highest_byte_down(ulong abi, string version) =>
        Assert.Equal(version, TorchRuntime.VersionIn(abi));

    [Theory]
    [InlineData("Unable to load shared library '/l/libtorch_cpu.so' or one of its dependencies. In order to help diagnose loading "
        + "problems, consider setting the LD_DEBUG environment variable: \n/l/libtorch_cpu.so: file too short\n",
        "/l/libtorch_cpu.so: file too short")]
    [InlineData("Unable to load shared library.", "Unable to load shared library.")]
    public void A_library_that_does_not_load_is_told_in_the_loader_s_words(string message, string reason) =>
        Assert.Equal(reason, TorchRuntime.LoaderReason(message));

    [Fact]
    public void Where_libtorch_is_missing_its_devices_are_bad_input() => Assert.Contains("set LDC_LIBTORCH",
        Assert.Throws<InvalidInputException>(() => TorchRuntime.FolderOf("libtorch_nowhere.so")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (root@host)", "570.86.15")]
    [InlineData("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104  Sat Aug 19 01:15:15 UTC 2023", "535.104")]
    [InlineData("", "unknown")]
    public void The_driver_s_version_is_read_from_its_own_line(string line, string version) =>
        Assert.Equal(version, CudaDriver.VersionIn(line));

    [Fact]
    public void Our_own_arithmetic_is_named_with_its_version_and_what_it_runs_on()
    {
        Assert.Matches(@"^exact/1 \((AVX-512|AVX2|ARM64|no fused multiply-add, slow)\)$", DeviceArithmetic.NameOn("cpu"));
    }

    [Fact]
    public void Libtorch_is_named_where_it_computes() =>
        Assert.Equal($"libtorch {TorchRuntime.Version} cpu", DeviceArithmetic.NameOn("cpu:torch"));

    [Fact]
    public void A_base_says_what_computes_on_it_and_not_what_could()
    {
        using var model = BaseModel.Load(RepositoryFiles.Golden("logits", "llama-gqa-rope3-tied", "model"), "float32", "cpu:torch");

        Assert.Equal($"libtorch {TorchRuntime.Version} cpu", model.ArithmeticName);
    }

    [Fact]
    public void A_GPU_is_named_with_its_driver()
    {
        Assert.SkipUnless(TorchRuntime.CudaDevices > 0, "This needs a CUDA device.");

        Assert.Matches(@"^libtorch \d+\.\d+(\.\d+)? cuda, .*NVIDIA.*, driver \d+\.[\d.]+, TF32 (on|off)$",
            DeviceArithmetic.NameOn("cuda:0"));
    }
}
