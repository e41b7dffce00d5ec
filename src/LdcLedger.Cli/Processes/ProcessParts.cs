using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Runs;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Runs;

namespace LdcLedger.Cli.Processes;

/// <summary>What one of our processes switches on. What a verb does not name is off.</summary>
/// <param name="Role">Names the process to whoever watches it: serve, worker, ...</param>
internal sealed record ProcessParts(string Role)
{
    /// <summary>RabbitMQ, and with it other processes; null: a bus in memory, and this process does everything itself.</summary>
    public BrokerAddress? Broker { get; init; }

    /// <summary>The one study that it runs; null: all.</summary>
    public Guid? Study { get; init; }

    /// <summary>Projections, relay, refill and stage-2 saga, while no other process leads.</summary>
    public bool Leads { get; init; }

    /// <summary>Null: it does not train.</summary>
    public TrainingPart? Training { get; init; }

    /// <summary>Shows what it trains in the register of workers, with these words of the operator's; null: it is not registered.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Answers on <c>LDC_HEALTH</c>.</summary>
    public bool Health { get; init; }

    /// <summary>Sends traces and metrics where the variables of OpenTelemetry say.</summary>
    public bool Telemetry { get; init; }
}

/// <summary>How a process trains.</summary>
/// <param name="Devices">cpu, or cuda:N once for every N.</param>
internal sealed record TrainingPart(IReadOnlyList<string> Devices)
{
    /// <summary>Where models and corpora lie on this machine; workers of a cluster go by the recorded paths.</summary>
    public InputPlaces Places { get; init; } = InputPlaces.AsRecorded;

    /// <summary>What a killed run loses at most.</summary>
    public TimeSpan CheckpointInterval { get; init; } = RunExecution.UsualCheckpointInterval;

    /// <summary>After so many attempts in a row without a new checkpoint a run is abandoned.</summary>
    public int MaxFruitlessAttempts { get; init; } = RunClaims.UsualMaxFruitlessAttempts;
}
