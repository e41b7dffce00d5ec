using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LdcLedger.Torch.Libtorch;

/// <summary>
/// Kernels of our own on a CUDA device: CUDA C, compiled for that device by the run-time compiler that comes with libtorch's CUDA, launched
/// on the stream that libtorch's operations are on.
/// </summary>
internal sealed unsafe partial class CudaModule
{
    private const int Threads = 256, MostBlocks = 65_535;
    private const string Driver = "libcuda.so.1";

    private static readonly ConcurrentDictionary<(int Device, string Source), CudaModule> Compiled = new();

    private readonly IntPtr _context, _module;
    private readonly ConcurrentDictionary<string, IntPtr> _functions = new(StringComparer.Ordinal);

    private CudaModule(IntPtr context, IntPtr module) => (_context, _module) = (context, module);

    /// <summary>Compiled once for each device.</summary>
    /// <param name="purpose">What it is for, in a refusal.</param>
    /// <exception cref="InvalidInputException">There is no compiler, or it does not know the device.</exception>
    public static CudaModule Of(Device device, string purpose, string source) => Compiled.GetOrAdd((device.Number, source), _ =>
    {
        Check(Initialise(0));
        Check(GetDevice(out var handle, device.Number));
        Check(RetainContext(out var context, handle));
        Check(Attribute(out var major, MajorVersion, handle));
        Check(Attribute(out var minor, MinorVersion, handle));
        var image = RuntimeCompiler.Compile(source, string.Create(CultureInfo.InvariantCulture, $"sm_{major}{minor}"))
            ?? throw new InvalidInputException($"There is no compiler for the GPU (libnvrtc) beside this libtorch, or it does not know the "
                + $"device's kind ({major}.{minor}), and {purpose} is computed by it; a run without {purpose}, or device cpu, needs none.");
        using var current = new Current(context);
        fixed (byte* start = image)
        {
            Check(LoadModule(out var module, start));
            return new CudaModule(context, module);
        }
    });

    /// <param name="elements">Some thread takes each of them.</param>
    /// <param name="arguments">Addresses of the arguments.</param>
    public void Launch(string kernel, long elements, void** arguments)
    {
        using var current = new Current(_context);
        var function = _functions.GetOrAdd(kernel, name =>
        {
            Check(GetFunction(out var found, _module, name));
            return found;
        });
        var blocks = (uint)Math.Clamp((elements + Threads - 1) / Threads, 1, MostBlocks);
        Check(LaunchKernel(function, blocks, 1, 1, Threads, 1, 1, 0, IntPtr.Zero, arguments, null));
    }

    /// <summary>libtorch may have left another device's context on this thread.</summary>
    private readonly ref struct Current
    {
        public Current(IntPtr context) => Check(PushContext(context));

        public void Dispose() => _ = PopContext(out _);
    }

    private static void Check(int code)
    {
        if (code != 0)
            throw LibtorchException.Of(new ExternalException(code == OutOfMemory ? "CUDA out of memory."
                : string.Create(CultureInfo.InvariantCulture, $"CUDA's driver refuses: {code}.")));
    }

    private const int OutOfMemory = 2;

    private const int MajorVersion = 75, MinorVersion = 76;

    [LibraryImport(Driver, EntryPoint = "cuInit")]
    private static partial int Initialise(uint flags);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGet")]
    private static partial int GetDevice(out int device, int ordinal);

    [LibraryImport(Driver, EntryPoint = "cuDeviceGetAttribute")]
    private static partial int Attribute(out int value, int attribute, int device);

    [LibraryImport(Driver, EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static partial int RetainContext(out IntPtr context, int device);

    [LibraryImport(Driver, EntryPoint = "cuCtxPushCurrent_v2")]
    private static partial int PushContext(IntPtr context);

    [LibraryImport(Driver, EntryPoint = "cuCtxPopCurrent_v2")]
    private static partial int PopContext(out IntPtr context);

    [LibraryImport(Driver, EntryPoint = "cuModuleLoadData")]
    private static partial int LoadModule(out IntPtr module, byte* image);

    [LibraryImport(Driver, EntryPoint = "cuModuleGetFunction", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetFunction(out IntPtr function, IntPtr module, string name);

    [LibraryImport(Driver, EntryPoint = "cuLaunchKernel")]
    private static partial int LaunchKernel(IntPtr function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ,
        uint shared, IntPtr stream, void** arguments, void** extra);
}
