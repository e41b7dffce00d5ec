using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Aten;
using LdcLedger.Torch.Kernels.Simd;
using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Devices;

/// <summary>Which arithmetic computes on a device: our own kernels on a CPU that has what they need, libtorch everywhere else.</summary>
public static class DeviceArithmetic
{
    /// <summary>
    /// What makes the numbers of runs on a device, as events state it: <c>exact/1 (AVX-512)</c>, <c>libtorch 2.10 cpu</c>, or
    /// <c>libtorch 2.10 cuda, NVIDIA H100 80GB HBM3, driver 570.86.15, TF32 off</c>. It is asked of the arithmetic that a run would get.
    /// </summary>
    /// <param name="device">cpu, cuda or cuda:N.</param>
    /// <exception cref="InvalidInputException">There is no such device on this machine.</exception>
    public static string NameOn(string device)
    {
        using var arithmetic = New(device);
        return arithmetic.Name;
    }

    /// <exception cref="InvalidInputException">There is no such device on this machine.</exception>
    public static void Check(string device)
    {
        if (device != "cpu") Device.Named(device);
    }

    /// <param name="aten">libtorch's operations also where our kernels could do it.</param>
    internal static Arithmetic New(string device, bool aten = false) =>
        IsExact(device, aten) ? new SimdArithmetic() : new AtenArithmetic(Device.Named(device));

    internal static bool IsExact(string device, bool aten = false) => device == "cpu" && !aten && SimdArithmetic.IsSupported;
}
