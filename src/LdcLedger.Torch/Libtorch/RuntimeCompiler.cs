using System.Runtime.InteropServices;
using System.Text;

namespace LdcLedger.Torch.Libtorch;

/// <summary>NVRTC: CUDA C to a GPU's machine code. It needs no GPU.</summary>
internal static unsafe class RuntimeCompiler
{
    // Where the loader finds them by name; else beside libtorch, whose packages rename them, or in the package of NVIDIA's beside PyTorch.
    private static readonly string[] Names = ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"];
    private static readonly string[] Folders = [".", "../../nvidia/cu13/lib", "../../nvidia/cuda_nvrtc/lib"];

    private static readonly Lazy<IntPtr> Library = new(() =>
    {
        foreach (var name in Names.Concat(Files()))
            if (NativeLibrary.TryLoad(name, out var library)) return library;
        return IntPtr.Zero;
    });

    private static IEnumerable<string> Files() => TorchRuntime.Folder is not { } libtorch ? []
        : Folders.Select(folder => Path.Combine(libtorch, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "libnvrtc*.so*"))
            .Where(file => !Path.GetFileName(file).Contains("builtins", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    /// <param name="kind">Of GPU, such as sm_90.</param>
    /// <returns>null where there is no compiler, or it does not know the kind.</returns>
    /// <exception cref="InvalidOperationException">The source has an error.</exception>
    public static byte[]? Compile(string source, string kind)
    {
        if (Library.Value == IntPtr.Zero) return null;
        IntPtr program;
        fixed (byte* text = Encoding.ASCII.GetBytes(source + '\0'), name = "ldc.cu\0"u8)
            if (((delegate* unmanaged<IntPtr*, byte*, byte*, int, byte**, byte**, int>)Function("nvrtcCreateProgram"))(
                &program, text, name, 0, null, null) != 0) return null;
        try
        {
            int code;
            fixed (byte* option = Encoding.ASCII.GetBytes($"--gpu-architecture={kind}\0"))
            {
                var options = option;
                code = ((delegate* unmanaged<IntPtr, int, byte**, int>)Function("nvrtcCompileProgram"))(program, 1, &options);
            }
            if (code == CompilationFailed) throw new InvalidOperationException(LogOf(program));
            return code == 0 ? Bytes(program, "nvrtcGetCUBINSize", "nvrtcGetCUBIN") : null;
        }
        finally
        {
            ((delegate* unmanaged<IntPtr*, int>)Function("nvrtcDestroyProgram"))(&program);
        }
    }

    private const int CompilationFailed = 6;

    private static string LogOf(IntPtr program) =>
        Encoding.ASCII.GetString(Bytes(program, "nvrtcGetProgramLogSize", "nvrtcGetProgramLog")).TrimEnd('\0', '\n');

    private static byte[] Bytes(IntPtr program, string sizeOf, string get)
    {
        nuint size;
        ((delegate* unmanaged<IntPtr, nuint*, int>)Function(sizeOf))(program, &size);
        var bytes = new byte[size];
        fixed (byte* start = bytes) ((delegate* unmanaged<IntPtr, byte*, int>)Function(get))(program, start);
        return bytes;
    }

    private static IntPtr Function(string name) => NativeLibrary.GetExport(Library.Value, name);
}
