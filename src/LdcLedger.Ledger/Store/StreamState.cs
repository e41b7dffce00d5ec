using System.Diagnostics.Metrics;
using JasperFx.Events;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Telemetry;

namespace LdcLedger.Ledger.Store;

/// <summary>A stream folded from its events, and where it ends: what a decision is taken on and appended at.</summary>
/// <param name="State">Null where the stream does not exist.</param>
public sealed record StreamState<T>(T? State, StreamHead Head) where T : class
{
    /// <summary>The ids of the facts that were read last: all of the stream, or what was new since.</summary>
    public IReadOnlySet<Guid> Known { get; init; } = new HashSet<Guid>();

    /// <summary>Goes on with what was appended after <see cref="Head"/>.</summary>
    internal StreamState<T> With(IReadOnlyList<IEvent> more, Func<T?, ILedgerEvent, DateTimeOffset, T?> evolve) =>
        more.Count == 0 ? this : new(
        more.Aggregate(State, (state, e) => evolve(state, e.Fact, e.Timestamp)),
        new(more[^1].Version, (string)more[^1].GetHeader(LedgerWriter.ChainHeader)!))
    {
        Known = more.Select(e => e.Id).ToHashSet(),
    };
}

/// <summary>Streams read from the ledger and folded by the Domain. Never from read models, which lag.</summary>
public static class StreamStates
{
    /// <summary>Counts the events that were read to fold streams; an instrument of <see cref="StudyTrace.Meter"/>.</summary>
    public const string EventsReadName = "ldc.streams.events_read";

    private static readonly Counter<long> EventsRead = StudyTrace.Meter.CreateCounter<long>(EventsReadName);

    /// <summary>Goes on from where this process read the study last.</summary>
    public static async Task<StreamState<StudyProgress>> StudyAsync(
        this LedgerStore store, Guid study, CancellationToken cancellation = default)
    {
        var before = store.Studies.Last(study);
        var now = before.With(await store.EventsAsync(study, before.Head.Version, cancellation), StudyProgress.Evolve);
        store.Studies.Keep(study, now);
        return now;
    }

    public static Task<StreamState<RunProgress>> RunAsync(this LedgerStore store, Guid run, CancellationToken cancellation = default) =>
        store.RunAsync(run, new(null, default), cancellation);

    /// <summary>A run that was read before, brought up to date.</summary>
    public static async Task<StreamState<RunProgress>> RunAsync(
        this LedgerStore store, Guid run, StreamState<RunProgress> before, CancellationToken cancellation = default) =>
        before.With(await store.EventsAsync(run, before.Head.Version, cancellation), RunProgress.Evolve);

    /// <summary>Runs of a study that settled without completing and are wanted again since: what an ended study still has to do.</summary>
    public static async Task<IReadOnlyList<Guid>> RetriedAsync(
        this LedgerStore store, StudyProgress study, CancellationToken cancellation = default)
    {
        var failed =
            study.Runs.Values.OfType<RunSettled>().Where(s => s.Outcome != Outcomes.Completed).ToDictionary(s => s.RunId, s => s.Retry);
        if (failed.Count == 0)
            return [];
        await using var command = store.DataSource.CreateCommand($"""
            select stream_id, max((data ->> 'retry')::int) from {store.Tables.Events}
            where stream_id = any($1) and type = '{EventKinds.Of(typeof(RunRetryRequested)).Alias}' group by stream_id
            """);
        command.Parameters.Add(new() { Value = failed.Keys.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Guid> retried = [];
        while (await reader.ReadAsync(cancellation))
            if (reader.GetInt32(1) > failed[reader.GetGuid(0)])
                retried.Add(reader.GetGuid(0));
        return retried;
    }

    /// <summary>The rules that were defined in this ledger, in the order of their definition; null where none was.</summary>
    public static async Task<StreamState<IReadOnlyList<DefinedRule>>> RulesAsync(
        this LedgerStore store, CancellationToken cancellation = default) =>
        new StreamState<IReadOnlyList<DefinedRule>>(null, default).With(
            await store.EventsAsync(LedgerIds.Rules, 0, cancellation), DefinedRule.Evolve);

    /// <summary>The norms of a run as its own stream has them; null where nothing was measured.</summary>
    public static async Task<RunNorms?> NormsAsync(this LedgerStore store, Guid run, CancellationToken cancellation = default) =>
        (await store.EventsAsync(run, 0, cancellation)).Aggregate((RunNorms?)null, (norms, e) => RunNormsFold.Evolve(norms, e.Fact));

    private static async Task<IReadOnlyList<IEvent>> EventsAsync(
        this LedgerStore store, Guid stream, long after, CancellationToken cancellation)
    {
        await using var session = store.Marten.QuerySession();
        var events = await session.Events.FetchStreamAsync(stream, fromVersion: after + 1, token: cancellation);
        EventsRead.Add(events.Count);
        return events;
    }
}
