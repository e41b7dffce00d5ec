using System.Globalization;
using TorchSharp;

namespace LdcLedger.Torch.Libtorch;

/// <summary>Where libtorch computes: on the CPU or on one CUDA device.</summary>
internal sealed class Device
{
    /// <summary>The name of the CPU where libtorch computes on it; <c>cpu</c> alone is the exact arithmetic's.</summary>
    public const string Cpu = "cpu:torch";

    private Device(string name, torch.Device raw, int number) => (Name, Raw, Number) = (name, raw, number);

    /// <summary>cpu:torch or cuda:N.</summary>
    public string Name { get; }

    internal torch.Device Raw { get; }

    /// <summary>Among the devices of CUDA.</summary>
    public int Number { get; }

    public bool IsCpu => Raw.type == DeviceType.CPU;

    /// <summary>
    /// A device without memory: its tensors have shapes and types, and every operation checks those, but no numbers. What runs there is
    /// what would run on a GPU.
    /// </summary>
    public static Device Shapes
    {
        get
        {
            TorchRuntime.Load();
            return new Device("shapes", torch.META, 0);
        }
    }

    public bool HasNumbers => Raw.type != DeviceType.META;

    /// <summary>
    /// What decides the last digits of this device's numbers, e.g. <c>libtorch 2.10 cuda, NVIDIA H100, driver 570.86.15, TF32 off</c>.
    /// </summary>
    public string Arithmetic => IsCpu
        ? $"libtorch {TorchRuntime.Version} cpu"
        : $"libtorch {TorchRuntime.Version} cuda, {CudaDriver.DeviceName(Number)}, driver {CudaDriver.Version}, "
            + $"TF32 {(torch.backends.cuda.matmul.allow_tf32 ? "on" : "off")}";

    /// <param name="name">cpu:torch, cuda (the first device) or cuda:N.</param>
    /// <exception cref="InvalidInputException">The name is none of these, or there is no such device on this machine.</exception>
    public static Device Named(string name)
    {
        if (AbsenceOf(name) is { } absence) throw new InvalidInputException(absence);
        TorchRuntime.Load();
        return NumberIn(name) is { } number ? new Device($"cuda:{number}", torch.device(DeviceType.CUDA, number), number)
            : new Device(Cpu, torch.CPU, 0);
    }

    /// <summary>Why a device is not on this machine, in a sentence; null: it is.</summary>
    /// <exception cref="InvalidInputException">No device has such a name.</exception>
    public static string? AbsenceOf(string name)
    {
        if (name == Cpu) return null;
        if (NumberIn(name) is not { } number)
            throw new InvalidInputException($"device is {name}; cpu, cpu:torch, cuda and cuda:N are allowed.");
        TorchRuntime.Load();
        var count = TorchRuntime.CudaDevices;
        if (number < count) return null;
        return count switch
        {
            0 => $"device is {name}, but this libtorch finds no CUDA device; cpu and cpu:torch are here "
                + "(a libtorch for CUDA: LDC_LIBTORCH, or a build with TorchBackend=cuda).",
            1 => $"device is {name}, but there is one CUDA device, cuda:0.",
            _ => $"device is {name}, but there are {count} CUDA devices, cuda:0 to cuda:{count - 1}.",
        };
    }

    private static int? NumberIn(string name) => name == "cuda" ? 0
        : name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Waits until everything that was asked of the device is done.</summary>
    public void Synchronize()
    {
        if (!IsCpu) torch.cuda.synchronize(Raw);
    }

    /// <summary>CPU threads of one operation; libtorch keeps the number for each calling thread.</summary>
    public void UseThreads(int threads)
    {
        if (IsCpu) torch.set_num_threads(threads);
    }
}
