using JasperFx;
using JasperFx.Events;
using LdcLedger.Domain.Events;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using Marten;
using Marten.Exceptions;
using Npgsql;

namespace LdcLedger.Ledger.Store;

/// <summary>How many facts were recorded, and how many were in the ledger already.</summary>
public readonly record struct Recorded(int New, int AlreadyThere);

/// <summary>
/// The only class that appends. It gives every event its derived id, its time and its link in the stream's hash chain, and commits
/// with expected versions: a chain cannot fork, a fact cannot count twice.
/// </summary>
public sealed class LedgerWriter(LedgerStore store, TimeProvider time)
{
    /// <summary>Header of the event's chain hash.</summary>
    public const string ChainHeader = "chain";

    private const string WrongVersion = "MT003";   // Marten's code

    /// <summary>
    /// Records facts of one study (or of none: rules and seals) in their own streams, all or none. Those that are in the ledger already are
    /// left out; when somebody else appends in between, it reads again and tries again.
    /// </summary>
    /// <param name="cause">Id of the event that led to them; null where a person did.</param>
    public async Task<Recorded> RecordAsync(IReadOnlyList<ILedgerEvent> facts, Guid? cause = null, CancellationToken cancellation = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            var known = await KnownAsync(facts.Select(EventIds.Of), cancellation);
            var missing = facts.Where(f => !known.Contains(EventIds.Of(f))).DistinctBy(EventIds.Of).ToList();
            if (missing.Count == 0)
                return new(0, facts.Count);
            try
            {
                await using var session = store.Marten.LightweightSession();
                var heads = await HeadsAsync(missing.Select(EventIds.StreamOf), cancellation);
                foreach (var stream in missing.GroupBy(EventIds.StreamOf))
                    Append(session, stream.Key, heads[stream.Key].Version, [.. stream]);
                await CommitAsync(session, heads, cause, cancellation);
                return new(missing.Count, facts.Count - missing.Count);
            }
            catch (LedgerConflict) when (attempt < LedgerConflict.MostTries)
            {
                // Somebody was faster: look again at what is missing.
            }
        }
    }

    /// <summary>Records facts that were decided on streams as they stood at <paramref name="heads"/>; new streams need no head.</summary>
    /// <returns>The new heads.</returns>
    /// <exception cref="LedgerConflict">A stream has moved since, or one of the facts is in the ledger already.</exception>
    public async Task<IReadOnlyDictionary<Guid, StreamHead>> AppendAsync(
        IReadOnlyList<ILedgerEvent> facts, IReadOnlyDictionary<Guid, StreamHead> heads,
        Guid? cause = null, CancellationToken cancellation = default)
    {
        await using var session = store.Marten.LightweightSession();
        foreach (var stream in facts.GroupBy(EventIds.StreamOf))
            Append(session, stream.Key, heads.GetValueOrDefault(stream.Key).Version, [.. stream]);
        return await CommitAsync(session, heads, cause, cancellation);
    }

    private static void Append(IDocumentSession session, Guid stream, long version, ILedgerEvent[] facts) =>
        session.Events.Append(stream, version + facts.Length, facts);

    private async Task<IReadOnlyDictionary<Guid, StreamHead>> CommitAsync(
        IDocumentSession session, IReadOnlyDictionary<Guid, StreamHead> heads, Guid? cause, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        // Set even where null: Marten would fill them from the current trace.
        (session.CausationId, session.CorrelationId) = (cause?.ToString("D"), null);
        var after = heads.ToDictionary();
        foreach (var stream in session.PendingChanges.Streams().Where(s => s.Events.Count > 0))
            after[stream.Id] = Link(stream, heads.GetValueOrDefault(stream.Id), session.CausationId, now);
        try
        {
            await session.SaveChangesAsync(cancellation);
            return after;
        }
        catch (Exception refused) when (IsConflict(refused))
        {
            throw new LedgerConflict("Somebody else appended to the ledger in between: " + refused.Message, refused);
        }
    }

    private static StreamHead Link(StreamAction stream, StreamHead head, string? causation, DateTimeOffset now)
    {
        if (stream.ExpectedVersionOnServer is { } expected && expected != head.Version)
            throw new LedgerConflict($"Stream {stream.Id} was expected at version {expected} and is at {head.Version}.");
        foreach (var @event in stream.Events)
        {
            var fact = ChainedFact.After(head, @event.Fact, causation, now);
            (@event.Id, @event.Timestamp, @event.CausationId, @event.CorrelationId) = (fact.Id, fact.Timestamp, fact.Causation, fact.Study);
            @event.SetHeader(ChainHeader, fact.Head.Chain!);
            head = fact.Head;
        }
        return head;
    }

    private static bool IsConflict(Exception refused) => refused.WithCauses().Any(cause => cause switch
    {
        ConcurrencyException or ConcurrentUpdateException => true,
        Marten.Exceptions.ExistingStreamIdCollisionException or JasperFx.Events.ExistingStreamIdCollisionException => true,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or WrongVersion } => true,
        _ => false,
    });

    /// <summary>Which of these events are in the ledger.</summary>
    public async Task<IReadOnlySet<Guid>> KnownAsync(IEnumerable<Guid> events, CancellationToken cancellation = default)
    {
        await using var command = store.DataSource.CreateCommand($"select id from {store.Tables.Events} where id = any($1)");
        command.Parameters.Add(new() { Value = events.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var known = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellation))
            known.Add(reader.GetGuid(0));
        return known;
    }

    /// <summary>Where these streams end; one that does not exist ends at version 0.</summary>
    public async Task<IReadOnlyDictionary<Guid, StreamHead>> HeadsAsync(IEnumerable<Guid> streams, CancellationToken cancellation = default)
    {
        var heads = streams.Distinct().ToDictionary(s => s, _ => default(StreamHead));
        await using var command = store.DataSource.CreateCommand($"""
            select s.id, e.version, e.headers ->> '{ChainHeader}'
            from unnest($1) as s(id),
                 lateral (select version, headers from {store.Tables.Events} where stream_id = s.id order by version desc limit 1) e
            """);
        command.Parameters.Add(new() { Value = heads.Keys.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            heads[reader.GetGuid(0)] = new(reader.GetInt64(1), reader.GetString(2));
        return heads;
    }
}
