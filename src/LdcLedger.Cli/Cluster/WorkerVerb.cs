using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Processes;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Broker;
using LdcLedger.Torch.Devices;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Runs;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc worker</c>: trains the runs of a cluster, one at a time.</summary>
internal static class WorkerVerb
{
    private static readonly Option<string> Device = new("--device")
    {
        Description = "Where to train: cpu (default), cpu:torch, or cuda:N.",
        HelpName = "D",
        DefaultValueFactory = _ => "cpu",
    };

    private static readonly Option<string[]> Labels = new("--labels")
    {
        Description = "Labels that `ldc workers` shows for this worker, such as a100 or room-3.",
        HelpName = "WORD",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    public static Verb Verb() => new(
        "worker",
        """
        Train a cluster's runs on this machine, one at a time; start one per GPU.
        Needs LDC_POSTGRES, LDC_RABBITMQ, and LDC_ARTIFACTS (one folder shared by all machines).
        SIGTERM: the run keeps a checkpoint, is given back, and the worker leaves.
        While PostgreSQL is away, training goes on and facts wait in LDC_DATA/journal.
        """,
        Run, Device, Labels)
    {
        IsService = true,
        Examples = ["ldc worker", "ldc worker --device cuda:0 --labels a100 room-3"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var broker = ClusterSettings.Servers("worker");
        var devices = TrainingDevices.Named(arguments.GetValue(Device)!);
        if (devices.Count > 1)
            throw new BadInputException($"device is {arguments.GetValue(Device)}; a worker has one: start one for each GPU.");
        var training = new TrainingPart(devices)
        {
            CheckpointInterval = ClusterSettings.CheckpointInterval(),
            MaxFruitlessAttempts = ClusterSettings.MaxAttempts(),
        };
        using var loggers = ClusterLog.For(arguments);
        var (log, name) = (loggers.CreateLogger("ldc"), WorkerIdentity.OfThisProcess().Name);
        await BrokerState.OfAsync(broker, cancellation);
        await using var ledger = await OpenLedger.OpenAsync(cancellation, loggers);
        await using var process = LdcProcess.Of(
            new("worker") { Broker = broker, Training = training, Labels = arguments.GetValue(Labels)!, Health = true, Telemetry = true },
            ledger.Store, loggers);
        process.Feed.Said += sentence => log.LogWarning("{Says}", sentence);
        await process.StartAsync(cancellation);
        log.LogInformation(
            "worker {Name} is up on {Device}, computes with {Arithmetic}: {Broker}, vhost {Vhost}",
            name, devices[0], DeviceArithmetic.NameOn(devices[0]), broker, broker.Vhost);
        await process.UntilAskedAsync(cancellation);
        log.LogInformation("worker {Name} leaves", name);
        await process.StopAsync();
        if (process.Broken.IsFaulted)
            await process.Broken;
        return ExitCodes.Done;
    }
}
