using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LdcLedger.Torch.Libtorch;

/// <summary>
/// Loads libtorch and TorchSharp's native half, once per process and before anything of TorchSharp is touched.
/// <c>LDC_LIBTORCH</c> names the <c>torch/lib</c> folder of an existing PyTorch instead of the package's libraries.
/// </summary>
public static class TorchRuntime
{
    private const string Bindings = "libLibTorchSharp.so", MainLibrary = "libtorch_cpu.so";

    // In order of dependence; those that a CPU-only libtorch lacks are skipped.
    private static readonly string[] Libraries = ["libc10.so", MainLibrary, "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static readonly Lazy<IntPtr> Loaded = new(LoadOnce);

    /// <summary>Of libtorch's libraries; null where TorchSharp looks for them itself, or before they are loaded.</summary>
    internal static string? Folder { get; private set; }

    /// <summary>Idempotent and safe from any thread.</summary>
    /// <exception cref="InvalidInputException">
    /// <c>LDC_LIBTORCH</c> names a folder without a usable libtorch, or the package's libraries are missing or do not load here: so there
    /// is none of the devices on which it would compute.
    /// </exception>
    public static void Load() => _ = Loaded.Value;

    /// <summary>
    /// Version of the loaded libtorch, e.g. 2.10. libtorch says it itself (from 2.9 on); where it does not, this is the version that
    /// TorchSharp's bindings were made for, and no other one loads beside them.
    /// </summary>
    public static unsafe string Version
    {
        get
        {
            if (Loaded.Value is not 0 and var main && NativeLibrary.TryGetExport(main, "aoti_torch_abi_version", out var function))
                return VersionIn(((delegate* unmanaged<ulong>)function)());
            return string.Join('.', TorchSharp.torch.__version__.Split('.').Take(2));
        }
    }

    /// <summary>CUDA devices that the loaded libtorch finds; 0 without CUDA.</summary>
    public static int CudaDevices
    {
        get
        {
            Load();
            return TorchSharp.torch.cuda.is_available() ? TorchSharp.torch.cuda.device_count() : 0;
        }
    }

    /// <summary>A function of libtorch's C interface.</summary>
    /// <exception cref="InvalidInputException">This libtorch has none of that name.</exception>
    internal static IntPtr Export(string function) =>
        Loaded.Value is not 0 and var main && NativeLibrary.TryGetExport(main, function, out var entry) ? entry
            : throw new InvalidInputException(
                $"libtorch {Version} has no {function}, by which LdcLedger calls its fused operations; libtorch 2.10 or later is needed.");

    /// <summary>From the highest byte down: major, minor, patch; a patch of 0 is left out.</summary>
    internal static string VersionIn(ulong abi) =>
        $"{abi >> 56}.{abi >> 48 & 0xff}{((abi >> 40 & 0xff) is > 0 and var patch ? $".{patch}" : "")}";

    /// <returns>The handle of libtorch_cpu; 0 where TorchSharp looks for it itself.</returns>
    private static IntPtr LoadOnce()
    {
        if (!OperatingSystem.IsLinux())                            // elsewhere TorchSharp's own search is all there is
        {
            TorchSharp.torch.InitializeDeviceType(TorchSharp.DeviceType.CPU);
            return NativeLibrary.TryLoad("torch_cpu", typeof(TorchSharp.torch).Assembly, null, out var found) ? found : 0;
        }
        var chosen = Environment.GetEnvironmentVariable("LDC_LIBTORCH");
        if (!string.IsNullOrEmpty(chosen) && !File.Exists(Path.Combine(chosen, MainLibrary)))
            throw new InvalidInputException($"LDC_LIBTORCH is {chosen}, but there is no libtorch_cpu.so in it; "
                + "it must name the torch/lib folder of a PyTorch installation.");
        var libtorch = string.IsNullOrEmpty(chosen) ? FolderOf(MainLibrary) : chosen;
        Folder = libtorch;
        var bindings = Path.Combine(FolderOf(Bindings), Bindings);
        IntPtr main = 0;
        try
        {
            foreach (var library in Libraries.Where(library => File.Exists(Path.Combine(libtorch, library))))
            {
                var handle = NativeLibrary.Load(Path.Combine(libtorch, library));
                if (library == MainLibrary) main = handle;
            }
            // Later look-ups by bare name find it by its SONAME.
            NativeLibrary.Load(LoadableCopy(bindings));
        }
        catch (DllNotFoundException failure)
        {
            var sentence =
                $"libtorch in {libtorch} does not load beside TorchSharp 0.107, which needs libtorch 2.10: {LoaderReason(failure.Message)}";
            throw new InvalidInputException(string.IsNullOrEmpty(chosen) ? sentence : "LDC_LIBTORCH: " + sentence, failure);
        }
        TorchSharp.torch.InitializeDeviceType(TorchSharp.DeviceType.CPU);
        return main;
    }

    /// <exception cref="InvalidInputException">It is nowhere.</exception>
    internal static string FolderOf(string library)
    {
        var searched = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory)
                .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"))
            .Append(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"));
        return searched.FirstOrDefault(folder => File.Exists(Path.Combine(folder, library)))
            ?? throw new InvalidInputException(
                $"{library} is neither beside the program nor in its packages; build with -p:TorchBackend=cpu, "
                    + "or set LDC_LIBTORCH to the torch/lib folder of a PyTorch installation.");
    }

    /// <summary>
    /// The file itself where this system's libstdc++ has all it asks for, else a copy in the user's cache whose missing versions are
    /// optional.
    /// </summary>
    private static string LoadableCopy(string bindings)
    {
        var image = File.ReadAllBytes(bindings);
        if (!SymbolVersions.MakeMissingOptional(image, "libstdc++.so.6", LibStdCpp())) return bindings;
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        cache = !string.IsNullOrEmpty(cache) ? cache : home.Length > 0 ? Path.Combine(home, ".cache") : Path.GetTempPath();
        var folder = Path.Combine(cache, "ldcledger", Convert.ToHexStringLower(SHA256.HashData(image))[..16]);
        var copy = Path.Combine(folder, Bindings);
        if (!File.Exists(copy) || new FileInfo(copy).Length != image.Length)
        {
            try
            {
                Directory.CreateDirectory(folder);
                WholeFile.Write(copy, image);   // several processes may do this at once; each writes the same bytes
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                throw new InvalidInputException(
                    $"libtorch needs a copy of its bindings on this system, and {folder} cannot be written "
                    + $"({cause.Message.TrimEnd('.')}): set XDG_CACHE_HOME to a folder that can.", cause);
            }
        }
        return copy;
    }

    private static byte[] LibStdCpp()
    {
        NativeLibrary.Load("libstdc++.so.6");
        var mapped = File.ReadLines("/proc/self/maps").First(line => line.Contains("libstdc++.so.6", StringComparison.Ordinal));
        return File.ReadAllBytes(mapped[mapped.IndexOf('/', StringComparison.Ordinal)..]);
    }

    /// <summary>.NET's advice comes first, the loader's own words last.</summary>
    internal static string LoaderReason(string message) =>
        message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];
}
