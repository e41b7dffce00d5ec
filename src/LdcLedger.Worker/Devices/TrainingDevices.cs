using System.Threading.Channels;
using LdcLedger.Torch;
using LdcLedger.Torch.Devices;

namespace LdcLedger.Worker.Devices;

/// <summary>What this process trains on: the CPU, whose cores runs share, or GPUs, each of which has one run at a time.</summary>
public sealed class TrainingDevices : IDisposable
{
    private readonly CoreShares? _cores;
    private readonly Channel<RunInputs>? _idle;
    private readonly IReadOnlyList<RunInputs> _inputs;

    /// <param name="names">cpu, cpu:torch, or cuda:N once for every N; a process does not train on both.</param>
    /// <param name="cores">Of the CPU.</param>
    /// <param name="scratch">Folder for what memory has no room for.</param>
    public TrainingDevices(IReadOnlyList<string> names, int cores, string? scratch = null)
    {
        _inputs = [.. names.Select(name => new RunInputs(name, scratch))];
        if (names is [var only] && DeviceArithmetic.IsCpu(only))
        {
            _cores = new(cores);
            return;
        }
        _idle = Channel.CreateUnbounded<RunInputs>();
        foreach (var device in _inputs)
            _idle.Writer.TryWrite(device);
    }

    /// <summary>Devices as <c>--device</c> names them, known to be on this machine.</summary>
    /// <param name="list">cpu, cpu:torch, cuda (the first GPU), or cuda:N with commas between.</param>
    /// <exception cref="InvalidInputException">There is no such device, or one stands twice, or beside the CPU.</exception>
    public static IReadOnlyList<string> Named(string list)
    {
        var names = DeviceList.Of(list);
        foreach (var name in names)
            DeviceArithmetic.Check(name);
        return names;
    }

    public string Names => string.Join(',', _inputs.Select(device => device.Device));

    public int RunsAtATime => _cores?.Cores ?? _inputs.Count;

    /// <summary>
    /// Waits for a free device, first come first served, or on the CPU for as many cores as a run on a model of so many parameters takes.
    /// </summary>
    public async Task<DeviceShare> TakeAsync(long parameters, CancellationToken cancellation)
    {
        if (_cores is not null)
        {
            var threads = _cores.ThreadsFor(parameters);
            return new(_inputs[0], threads, await _cores.TakeAsync(threads, cancellation));
        }
        var device = await _idle!.Reader.ReadAsync(cancellation);
        return new(device, 1, new GivenBack(_idle.Writer, device));
    }

    public void Dispose()
    {
        foreach (var device in _inputs)
            device.Dispose();
    }

    private sealed class GivenBack(ChannelWriter<RunInputs> to, RunInputs device) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
                to.TryWrite(device);
        }
    }
}

/// <summary>What a run has to itself until it is disposed.</summary>
/// <param name="Inputs">Of the device; shared with other runs on the CPU.</param>
/// <param name="Threads">CPU threads.</param>
public sealed record DeviceShare(RunInputs Inputs, int Threads, IDisposable Taken) : IDisposable
{
    public void Dispose() => Taken.Dispose();
}
