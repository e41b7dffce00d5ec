using System.Runtime.InteropServices;

namespace LdcLedger.Torch.Libtorch;

/// <summary>
/// Has libtorch take, of several ways to compute something, one that gives the same bits every time, and refuse what has none: on a GPU
/// sums of gradients would otherwise be added in whatever order threads come. TorchSharp has no call for it; it is a setting of the
/// process.
/// </summary>
internal static unsafe partial class Determinism
{
    private static readonly Lock Gate = new();
    private static bool Demanded;

    /// <exception cref="InvalidInputException">This libtorch has no such setting.</exception>
    public static void Demand()
    {
        lock (Gate)
        {
            if (Demanded) return;
            // cuBLAS looks for it at its first product, in the environment of the C runtime, which .NET's own does not reach.
            _ = SetInEnvironment("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
            Set(on: true);
            Demanded = true;
        }
    }

    internal static bool IsOn =>
        ((delegate* unmanaged<IntPtr, byte>)TorchRuntime.Export("_ZNK2at7Context23deterministicAlgorithmsEv"))(Context) != 0;

    private static IntPtr Context => ((delegate* unmanaged<IntPtr>)TorchRuntime.Export("_ZN2at13globalContextEv"))();

    /// <summary>
    /// at::globalContext().setDeterministicAlgorithms(on, warn_only: false), and no filling of memory that is written next.
    /// </summary>
    internal static void Set(bool on)
    {
        ((delegate* unmanaged<IntPtr, byte, void>)TorchRuntime.Export("_ZN2at7Context39setDeterministicFillUninitializedMemoryEb"))(
            Context, on ? (byte)0 : (byte)1);
        ((delegate* unmanaged<IntPtr, byte, byte, void>)TorchRuntime.Export("_ZN2at7Context26setDeterministicAlgorithmsEbb"))(
            Context, on ? (byte)1 : (byte)0, 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetInEnvironment(string name, string value, int overwrite);
}
