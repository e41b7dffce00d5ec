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
        catch (Exception cause) when (cause is InvalidInputException or PlatformNotSupportedException)
        {
            return (false, cause.Message);
        }
    }

    public static (bool IsFine, string Says) SeesCuda()
    {
        try
        {
            if (TorchRuntime.CudaDevices is > 0 and var devices)
                return (true, $"{devices} devices");
        }
        catch (Exception cause) when (cause is InvalidInputException or PlatformNotSupportedException)
        {
            // The check of libtorch says what is wrong.
        }
        return Directory.Exists("/proc/driver/nvidia")
            ? (false, "this machine has an NVIDIA driver, but libtorch sees no device: build with -p:TorchBackend=cuda, "
                + "or set LDC_LIBTORCH to the torch/lib folder of a PyTorch with CUDA.")
            : (true, "no NVIDIA driver here; workers use the CPU");
    }

    /// <summary>Which arithmetic makes the numbers on each device that there is.</summary>
    public static (bool IsFine, string Says) Arithmetic()
    {
        try
        {
            var devices = Enumerable.Range(0, TorchRuntime.CudaDevices).Select(n => $"cuda:{n}").Prepend("cpu");
            return (true, string.Join("; ", devices.Select(DeviceArithmetic.NameOn).Distinct()));
        }
        catch (Exception cause) when (cause is InvalidInputException or PlatformNotSupportedException)
        {
            return (false, cause.Message);
        }
    }
}
