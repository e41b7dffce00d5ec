using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace LdcLedger.Torch.Libtorch;

/// <summary>What NVIDIA's driver says of itself and its devices; TorchSharp has no call for either.</summary>
internal static partial class CudaDriver
{
    private const string KernelModule = "/proc/driver/nvidia/version", Library = "libcuda.so.1";

    /// <summary>e.g. 570.86.15; <c>unknown</c> where the driver does not say.</summary>
    public static string Version => File.Exists(KernelModule) ? VersionIn(File.ReadAllText(KernelModule)) : "unknown";

    /// <summary>From the first line of <c>/proc/driver/nvidia/version</c>.</summary>
    internal static string VersionIn(string text) => VersionNumber().Match(text) is { Success: true } match ? match.Value : "unknown";

    /// <param name="number">As libtorch counts: both count what CUDA_VISIBLE_DEVICES leaves.</param>
    /// <returns>e.g. NVIDIA H100 80GB HBM3; <c>GPU of unknown name</c> where the driver does not say.</returns>
    public static string DeviceName(int number)
    {
        var name = new byte[256];
        try
        {
            if (Initialise(0) == 0 && Get(out var device, number) == 0 && NameOf(name, name.Length, device) == 0)
                return Encoding.ASCII.GetString(name).TrimEnd('\0');
        }
        catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
        {
            // libtorch found the device by another library than this one; the name is all that is lost.
        }
        return "GPU of unknown name";
    }

    /// <summary>Bytes of a device; null where the driver does not say.</summary>
    public static long? MemoryOf(int number)
    {
        try
        {
            if (Initialise(0) == 0 && Get(out var device, number) == 0 && TotalMemory(out var bytes, device) == 0) return (long)bytes;
        }
        catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
        {
            // Then nobody is told beforehand that something does not fit.
        }
        return null;
    }

    [GeneratedRegex(@"\b[0-9]{3,}\.[0-9]+(\.[0-9]+)?\b")]
    private static partial Regex VersionNumber();

    [LibraryImport(Library, EntryPoint = "cuInit")]
    private static partial int Initialise(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    private static partial int Get(out int device, int ordinal);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    private static partial int NameOf([Out] byte[] name, int length, int device);

    [LibraryImport(Library, EntryPoint = "cuDeviceTotalMem_v2")]
    private static partial int TotalMemory(out nuint bytes, int device);
}
