using System.Globalization;
using System.Text.RegularExpressions;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Aten;
using LdcLedger.Torch.Kernels.Simd;
using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Devices;

/// <summary>
/// Which arithmetic computes on a device: the exact one on <c>cpu</c>, libtorch on <c>cpu:torch</c>, <c>cuda</c> and <c>cuda:N</c>.
/// </summary>
public static partial class DeviceArithmetic
{
    /// <summary>The exact arithmetic, whose bits are the same on every machine; without libtorch.</summary>
    public const string Cpu = "cpu";

    /// <summary>libtorch on the CPU: to compare with, and for units that multiply bf16.</summary>
    public const string CpuTorch = Device.Cpu;

    /// <summary>
    /// What makes the numbers of runs on a device, as events state it: <c>exact/1 (AVX2)</c>, <c>libtorch 2.10 cpu</c>, or
    /// <c>libtorch 2.10 cuda, NVIDIA H100 80GB HBM3, driver 570.86.15, TF32 off</c>. It is asked of the arithmetic that a run would get.
    /// </summary>
    /// <param name="device">cpu, cpu:torch, cuda or cuda:N.</param>
    /// <exception cref="InvalidInputException">There is no such device on this machine.</exception>
    public static string NameOn(string device)
    {
        using var arithmetic = New(device);
        return arithmetic.Name;
    }

    /// <exception cref="InvalidInputException">There is no such device on this machine.</exception>
    public static void Check(string device)
    {
        if (!IsExact(device)) Device.Named(device);
    }

    /// <summary>Why a device is not on this machine, in a sentence; null: it is.</summary>
    /// <exception cref="InvalidInputException">No device has such a name.</exception>
    public static string? AbsenceOf(string device) => IsExact(device) ? null : Device.AbsenceOf(device);

    /// <summary>Whether runs share this machine's cores there.</summary>
    public static bool IsCpu(string device) => device is Cpu or CpuTorch;

    /// <summary>What a person should know before runs train on a device, in a sentence; null: nothing.</summary>
    public static string? CaveatOn(string device) => IsExact(device) && SimdArithmetic.IsSlow
        ? "This processor has no fused multiply-add (AVX2, AVX-512 or ARM64), so device cpu computes it in software: "
            + "the same bits, some hundred times as slowly."
        : null;

    /// <summary>The newest version of the exact arithmetic that this program has.</summary>
    public static int NewestExact => SimdArithmetic.Version;

    /// <summary>
    /// The version of the exact arithmetic that a name of an event states; null where another arithmetic made the numbers.
    /// </summary>
    /// <param name="name">As <see cref="NameOn"/> gives it.</param>
    public static int? ExactVersion(string name) =>
        ExactName().Match(name) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^exact/([0-9]{1,6})(?: \(|$)", RegexOptions.CultureInvariant)]
    private static partial Regex ExactName();

    // Of a GPU: the rest is for its context and what libtorch's memory loses between its blocks.
    private const double UsableShare = 0.92;

    /// <summary>Bytes that bases and runs may take on a device; null where its driver does not say.</summary>
    public static long? MemoryOf(string device) => IsCpu(device) ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes
        : CudaDriver.MemoryOf(Device.Named(device).Number) is { } all ? (long)(UsableShare * all) : null;

    /// <param name="dtype">float32 or bfloat16: of the base's weights.</param>
    internal static Arithmetic New(string device, string dtype = "float32") =>
        IsExact(device) ? new SimdArithmetic() : new AtenArithmetic(Device.Named(device), dtype == "bfloat16");

    /// <summary>
    /// The operations that would be called on a device of libtorch's, with shapes and types and without numbers: to count them, and what
    /// they take. The device need not be there. What the CPU does document by document is reckoned as a GPU does it.
    /// </summary>
    internal static Arithmetic Planned(string device, string dtype = "float32") =>
        new AtenArithmetic(Device.Shapes, dtype == "bfloat16", cpuSized: IsCpu(device));

    internal static bool IsExact(string device) => device == Cpu;
}
