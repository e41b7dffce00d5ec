using System.Globalization;
using LdcLedger.Torch;
using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Cli.Doctor;

/// <summary>This machine: libtorch, CUDA, disk.</summary>
internal static class MachineChecks
{
    private const long LittleSpace = 2L << 30;

    public static Finding Libtorch()
    {
        try
        {
            TorchRuntime.Load();
            var from = Environment.GetEnvironmentVariable("LDC_LIBTORCH") is { Length: > 0 } own ? own : "of the package";
            return Finding.Fine("libtorch", $"loads ({from})");
        }
        catch (Exception cause) when (cause is InvalidInputException or PlatformNotSupportedException)
        {
            return Finding.ToDo("libtorch", cause.Message);
        }
    }

    public static Finding Cuda()
    {
        try
        {
            if (TorchRuntime.CudaDevices is > 0 and var devices)
                return Finding.Fine("CUDA", $"{devices} devices");
        }
        catch (Exception cause) when (cause is InvalidInputException or PlatformNotSupportedException)
        {
            // The check of libtorch says what is wrong.
        }
        return Directory.Exists("/proc/driver/nvidia")
            ? Finding.ToDo("CUDA", "this machine has an NVIDIA driver, but libtorch sees no device: build with -p:TorchBackend=cuda, or "
                + "set LDC_LIBTORCH to the torch/lib folder of a PyTorch with CUDA.")
            : Finding.Fine("CUDA", "no NVIDIA driver here; workers use the CPU");
    }

    public static Finding Disk(string subject, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            var free = new DriveInfo(folder).AvailableFreeSpace;
            var says = string.Create(CultureInfo.InvariantCulture, $"{folder}, {free / 1e9:F1} GB free");
            return free >= LittleSpace
                ? Finding.Fine(subject, says)
                : Finding.ToDo(subject, $"{says}: free some, checkpoints and the ledger need it.");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Finding.ToDo(subject, $"{folder} cannot be written ({cause.Message.TrimEnd('.')}): grant it, or set another folder in "
                + "the environment (LDC_DATA, LDC_ARTIFACTS).");
        }
    }
}
