namespace LdcLedger.Torch.Libtorch;

/// <summary>Whether what trains on libtorch can work on this machine: fine, or what to do.</summary>
public static class LibtorchChecks
{
    public static (bool IsFine, string Says) Loads()
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
}
