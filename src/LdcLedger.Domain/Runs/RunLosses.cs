namespace LdcLedger.Domain.Runs;

/// <summary>The training loss of a run, epoch by epoch. The id is the run's.</summary>
/// <param name="Points">In the order of steps; each stands for the steps since the one before.</param>
public sealed record RunLosses(Guid Id, IReadOnlyList<LossPoint> Points);

/// <summary>Gathers the losses of runs from their events, in any order; an epoch that ends again replaces itself.</summary>
public sealed class RunLossesBuilder
{
    private readonly Dictionary<Guid, SortedDictionary<int, IReadOnlyList<LossPoint>>> _epochs = [];

    /// <summary>One that goes on from here, and leaves this one as it is.</summary>
    public RunLossesBuilder Copy()
    {
        var copy = new RunLossesBuilder();
        foreach (var (run, epochs) in _epochs)
            copy._epochs[run] = new(epochs);
        return copy;
    }

    public void Add(EpochCompleted epoch)
    {
        if (!_epochs.TryGetValue(epoch.RunId, out var epochs))
            _epochs[epoch.RunId] = epochs = [];
        epochs[epoch.Epoch] = epoch.LossPoints;
    }

    public IReadOnlyList<RunLosses> Losses() =>
        [.. _epochs.Select(run => new RunLosses(run.Key, [.. run.Value.Values.SelectMany(points => points)]))];
}
