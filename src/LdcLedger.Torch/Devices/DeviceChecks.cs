using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Devices;

/// <summary>Whether what trains can work on this machine: fine, or what to do.</summary>
public static class DeviceChecks
{
    public static (bool IsFine, string Says) LoadsLibtorch()
    {
        try
        {
            TorchRuntime.Load();
            var own = Environment.GetEnvironmentVariable("LDC_LIBTORCH");
            return (true, $"loads ({(string.IsNullOrEmpty(own) ? "of the package" : own)})");
        }
        catch (InvalidInputException cause)
        {
            return (false, cause.Message);
        }
    }

    public static (bool IsFine, string Says) SeesCuda()
    {
        if (CudaDevicesOr0(() => TorchRuntime.CudaDevices) is > 0 and var devices)
            return (true, devices == 1 ? "1 device" : $"{devices} devices");
        return Directory.Exists("/proc/driver/nvidia")
            ? (false, "this machine has an NVIDIA driver, but libtorch sees no device: build with -p:TorchBackend=cuda, "
                + "or set LDC_LIBTORCH to the torch/lib folder of a PyTorch with CUDA.")
            : (true, "no NVIDIA driver here; workers use the CPU");
    }

    /// <summary>Which arithmetic makes the numbers on each device that there is; the CPU is one that needs no libtorch.</summary>
    public static (bool IsFine, string Says) Arithmetic() => Arithmetic(() => TorchRuntime.CudaDevices);

    internal static (bool IsFine, string Says) Arithmetic(Func<int> cudaDevices)
    {
        var devices = Enumerable.Range(0, CudaDevicesOr0(cudaDevices)).Select(n => $"cuda:{n}").Prepend(DeviceArithmetic.Cpu);
        return (true, string.Join("; ", devices.Select(DeviceArithmetic.NameOn).Distinct()));
    }

    private static int CudaDevicesOr0(Func<int> cudaDevices)
    {
        try
        {
            return cudaDevices();
        }
        catch (InvalidInputException)
        {
            return 0;   // the check of libtorch says what is wrong
        }
    }
}
