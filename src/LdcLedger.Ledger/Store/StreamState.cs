using JasperFx.Events;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Store;

/// <summary>A stream folded from its events, and where it ends: what a decision is taken on and appended at.</summary>
/// <param name="State">Null where the stream does not exist.</param>
public sealed record StreamState<T>(T? State, StreamHead Head) where T : class
{
    /// <summary>The ids of the facts that were read last: all of the stream, or what was new since.</summary>
    public IReadOnlySet<Guid> Known { get; init; } = new HashSet<Guid>();

    /// <summary>Goes on with what was appended after <see cref="Head"/>.</summary>
    internal StreamState<T> With(IReadOnlyList<IEvent> more, Func<T?, ILedgerEvent, DateTimeOffset, T?> evolve) => more.Count == 0 ? this : new(
        more.Aggregate(State, (state, e) => evolve(state, e.Fact, e.Timestamp)),
        new(more[^1].Version, (string)more[^1].GetHeader(LedgerWriter.ChainHeader)!))
    {
        Known = more.Select(e => e.Id).ToHashSet(),
    };
}

/// <summary>Streams read from the ledger and folded by the Domain. Never from read models, which lag.</summary>
public static class StreamStates
{
    public static async Task<StreamState<StudyProgress>> StudyAsync(this LedgerStore store, Guid study, CancellationToken cancellation = default) =>
        new StreamState<StudyProgress>(null, default).With(await store.EventsAsync(study, 0, cancellation), StudyProgress.Evolve);

    public static Task<StreamState<RunProgress>> RunAsync(this LedgerStore store, Guid run, CancellationToken cancellation = default) =>
        store.RunAsync(run, new(null, default), cancellation);

    /// <summary>A run that was read before, brought up to date.</summary>
    public static async Task<StreamState<RunProgress>> RunAsync(
        this LedgerStore store, Guid run, StreamState<RunProgress> before, CancellationToken cancellation = default) =>
        before.With(await store.EventsAsync(run, before.Head.Version, cancellation), (state, fact, _) => RunProgress.Evolve(state, fact));

    /// <summary>Runs of a study that settled without completing and are wanted again since: what an ended study still has to do.</summary>
    public static async Task<IReadOnlyList<Guid>> RetriedAsync(this LedgerStore store, StudyProgress study, CancellationToken cancellation = default)
    {
        List<Guid> retried = [];
        foreach (var (run, settled) in study.Runs)
            if (settled is not null && settled.Outcome != Outcomes.Completed && (await store.RunAsync(run, cancellation)).State?.Retry > settled.Retry)
                retried.Add(run);
        return retried;
    }

    /// <summary>The norms of a run as its own stream has them; null where nothing was measured.</summary>
    public static async Task<RunNorms?> NormsAsync(this LedgerStore store, Guid run, CancellationToken cancellation = default) =>
        (await store.EventsAsync(run, 0, cancellation)).Aggregate((RunNorms?)null, (norms, e) => RunNormsFold.Evolve(norms, e.Fact));

    private static async Task<IReadOnlyList<IEvent>> EventsAsync(this LedgerStore store, Guid stream, long after, CancellationToken cancellation)
    {
        await using var session = store.Marten.QuerySession();
        return await session.Events.FetchStreamAsync(stream, fromVersion: after + 1, token: cancellation);
    }
}
