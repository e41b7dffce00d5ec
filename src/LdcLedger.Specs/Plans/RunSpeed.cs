using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;

namespace LdcLedger.Specs.Plans;

/// <summary>
/// What a run reaches on a device, measured for one shape of each family (and number of threads) and taken for the family's others.
/// </summary>
/// <param name="Devices">cpu, cpu:torch, or cuda:N once for every N: what a run trains on, measured on the first.</param>
/// <param name="Cores">How runs share them: large models take all, small ones train side by side.</param>
/// <param name="Absence">Why the device is not on this machine, in a sentence; then nothing is measured. Null: it is here.</param>
public sealed record RunSpeed(
    IReadOnlyList<string> Devices, CoreShares Cores, IReadOnlyList<MeasuredSpeed> Measured, string? Absence = null)
{
    /// <summary>The first of them; the others are taken to be like it.</summary>
    public string Device => Devices[0];

    public string Names => string.Join(',', Devices);

    public int ThreadsFor(ModelConfig config) => Cores.ThreadsFor(config.TextParameters);

    public int RunsAtATime(ModelConfig config) => RunsOnADevice(config) * Devices.Count;

    /// <summary>That share its memory.</summary>
    public int RunsOnADevice(ModelConfig config) => DeviceArithmetic.IsCpu(Device) ? Cores.Cores / ThreadsFor(config) : 1;

    /// <summary>Null where the device is not on this machine.</summary>
    public double? FlopsPerSecond(ModelConfig config) =>
        Absence is null ? Measured.First(m => m.Is(config, ThreadsFor(config))).Rate.FlopsPerSecond : null;

    /// <summary>Bytes that runs may take there; null where nobody here knows.</summary>
    public long? DeviceMemory => Absence is null ? DeviceArithmetic.MemoryOf(Device) : null;

    /// <summary>Takes some seconds for each family.</summary>
    /// <exception cref="InvalidInputException">No device has such a name.</exception>
    public static RunSpeed Measure(StudySpec study, IEnumerable<PlannedModel> models, string device, CancellationToken cancellation)
    {
        var cores = new CoreShares(Environment.ProcessorCount);
        var devices = DeviceList.Of(device);
        if (devices.Select(DeviceArithmetic.AbsenceOf).OfType<string>().FirstOrDefault() is { } absence)
            return new(devices, cores, [], absence);
        List<MeasuredSpeed> measured = [];
        foreach (var model in models.Where(m => m.Config is not null).OrderBy(m => m.Config!.TextParameters))
        {
            cancellation.ThrowIfCancellationRequested();
            var threads = cores.ThreadsFor(model.Config!.TextParameters);
            if (!measured.Exists(m => m.Is(model.Config, threads)))
                measured.Add(new(model.Name, model.Config.Family, threads,
                    TrainingRate.Measure(model.Config, devices[0], study.Training.Dtype, threads, study.Data.Length, study.Training.Batch,
                        study.Training.Base)));
        }
        return new(devices, cores, measured);
    }

    /// <summary>In words, with what was measured.</summary>
    public string Sentence() => Names + (DeviceArithmetic.IsCpu(Device) ? $", {Plural.Of(Cores.Cores, "core")}" : "")
        + (Absence is null ? "; measured: " + Measurements() : "; not on this machine, so nothing is measured");

    private string Measurements() =>
        Measured.Count == 0 ? "nothing, no model's shape is known" : string.Join("; ", Measured.Select(m =>
            $"{(m.Rate.FlopsPerSecond / 1e9).ToString("N0", CultureInfo.InvariantCulture)} GFLOP/s in "
                + $"{Plural.Of(m.Rate.Steps, "step")} of {m.Rate.Tokens} tokens through {Plural.Of(m.Rate.Layers, "random layer")} "
                + $"of {m.Model}"
                + (DeviceArithmetic.IsCpu(Device) ? $" on {Plural.Of(m.Threads, "thread")}" : "")));
}

/// <param name="Model">The smallest of its family in the study.</param>
public sealed record MeasuredSpeed(string Model, ModelFamily Family, int Threads, TrainingRate Rate)
{
    public bool Is(ModelConfig config, int threads) => config.Family == Family && threads == Threads;
}
