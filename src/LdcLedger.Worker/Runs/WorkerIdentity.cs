using System.Reflection;
using System.Runtime.InteropServices;
using LdcLedger.Domain.Runs;
using LdcLedger.Torch.Devices;

namespace LdcLedger.Worker.Runs;

/// <summary>Who trains, and on what: recorded with every attempt, because it can change the last digits of a number.</summary>
/// <param name="Name">Tells the workers of a ledger apart.</param>
public sealed record WorkerIdentity(string Name)
{
    /// <summary>This process: host and process id.</summary>
    public static WorkerIdentity OfThisProcess() => new($"{Environment.MachineName}:{Environment.ProcessId}");

    public static string Version { get; } =
        typeof(WorkerIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public WorkerEnvironment EnvironmentOn(string device, int threads) => new(
        Environment.MachineName, RuntimeInformation.OSDescription, Processor, device, threads, RuntimeInformation.FrameworkDescription,
        DeviceArithmetic.NameOn(device), Version);

    private static string Processor { get; } = ReadProcessor();

    private static string ReadProcessor()
    {
        if (!File.Exists("/proc/cpuinfo"))
            return RuntimeInformation.ProcessArchitecture.ToString();
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        var name = model?.Split(':', 2)[^1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        return $"{name}, {Environment.ProcessorCount} cores";
    }
}
