using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.Views;

/// <summary>What moves of a study.</summary>
/// <param name="Sequence">Place of its last event in the whole ledger.</param>
/// <param name="At">When that was recorded.</param>
/// <param name="Running">How many of its runs a living process has.</param>
/// <param name="Seconds">That its runs were worked on, all together.</param>
public sealed record StudyMovement(long Sequence, DateTimeOffset At, int Running, double Seconds);

/// <summary>
/// What somebody who looks on may ask: answered at once from what is there. Nothing here projects, waits for a read model, or writes.
/// </summary>
public sealed class LedgerViews
{
    // Of each: the norms of hundreds of runs, in the worst case some tens of megabytes.
    private const int MostFolded = 32;

    // Of runs that somebody has, or whose worker was lost: a few per worker.
    private const int MostRunning = 10_000;

    private const int MostWorked = 10_000;

    private const long MostToLookThrough = 10_000;

    // Letters of JSON in all; a study of hundreds of runs has a million of them, and ten with its norms.
    private const long MostWatched = 160_000_000;

    // However many ask for however many moments: what trains on this machine keeps its cores.
    private readonly SemaphoreSlim _folds = new(2);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (StudyWatch Watch, long Used)> _watched = [];
    private readonly Dictionary<string, (Task<StudyFacts> Facts, long Used)> _folded = [];
    private readonly Dictionary<Guid, (string Moves, double Seconds)> _worked = [];
    private readonly LedgerStore _store;
    private readonly TimeProvider _time;
    private readonly SharedQuestion<LedgerState> _state;
    private readonly FoldedStudies _snapshots;
    private readonly ListedStudies _studies;
    private long _uses;

    // Only the one who looks how far the ledger has come changes it.
    private StudyMoves _moves = new();
    private LagTrend _trend = LagTrend.None;

    private readonly Func<string?> _trouble;

    /// <param name="trouble">Is asked at every look; what it says becomes <see cref="LedgerState.Trouble"/>.</param>
    public LedgerViews(LedgerStore store, TimeProvider time, Func<string?>? trouble = null)
    {
        (_store, _time, _state, _snapshots, _studies, _trouble) =
            (store, time, new(LookAsync), new(store), new(store), trouble ?? (() => null));
        (Now, Past) = (LedgerQueries.AsTheyStand(store, time), new(store, time, asTheyStand: true));
    }

    public LedgerStore Store => _store;

    /// <summary>The questions of the command line, of this moment.</summary>
    public LedgerQueries Now { get; }

    /// <summary>The same of earlier ones.</summary>
    public PastQueries Past { get; }

    /// <summary>A study as it stands, looked at by many.</summary>
    /// <param name="rules">Those it is ranked under; none: its own.</param>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public Task<StudyFacts> FactsAsync(
        Guid study, IReadOnlyList<AggregationRule> rules, StudyDepth depth, CancellationToken cancellation = default) =>
        Watch(study).FactsAsync(rules, depth, cancellation);

    /// <summary>How a study is cited as it stands: nothing that it measured is read.</summary>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public Task<(StudySummary Study, StudyRoot Root)> RootAsync(Guid study, CancellationToken cancellation = default) =>
        Watch(study).RootAsync(cancellation);

    /// <summary>The same at an earlier moment.</summary>
    public async Task<(StudySummary Study, StudyRoot Root)> RootAsync(StudyMoment moment, CancellationToken cancellation = default) => (
        (await Past.ProgressAsync(moment.StudyId, moment.Position, cancellation)).Summary,
        await StudyRoot.OfAsync(_store, moment.StudyId, moment.Sequence, cancellation));

    /// <summary>A study at an earlier moment: folded once, and kept while others ask for the same.</summary>
    /// <param name="rules">Those it is ranked under; none: its own.</param>
    public async Task<StudyFacts> FactsAsync(
        StudyMoment moment, IReadOnlyList<AggregationRule> rules, CancellationToken cancellation = default)
    {
        var key = $"{moment.StudyId:N} {moment.Position} {string.Join(' ', rules.Select(rule => rule.Hash))}";
        Task<StudyFacts>? folding;
        lock (_lock)
        {
            if (!_folded.TryGetValue(key, out var known))
            {
                // Of two who ask at once, both wait for one fold, which ends whether or not the first of them stays.
                known = (FoldAsync(moment, rules), 0);
                if (_folded.Count >= MostFolded)
                    _folded.Remove(_folded.MinBy(f => f.Value.Used).Key);
            }
            folding = known.Facts;
            _folded[key] = (folding, ++_uses);
        }
        try
        {
            return await folding.WaitAsync(cancellation);
        }
        catch when (folding.IsFaulted)
        {
            lock (_lock)
                _folded.Remove(key);
            throw;
        }
    }

    /// <summary>Runs, newest first, their statuses told.</summary>
    /// <param name="after">What the part before ended with; null: from the newest.</param>
    /// <returns>And what the next part goes on after; null: there are no more.</returns>
    public async Task<(IReadOnlyList<RunSummary> Runs, string[]? Next)> RunsAsync(
        RunFilter filter, string[]? after, int limit, CancellationToken cancellation = default)
    {
        var stored = await ListedRuns.ListAsync(_store, filter, after, limit + 1, cancellation);
        var next = stored.Count > limit ? ListedRuns.KeyOf(stored[limit - 1]) : null;
        var told = await Now.StandingsAsync([.. stored.Take(limit)], cancellation);
        // Running and interrupted are stored alike.
        var isTold = filter.Status is RunStatuses.Running or RunStatuses.Interrupted;
        return ([.. told.Where(run => !isTold || run.Status == filter.Status)], next);
    }

    /// <summary>Runs by their ids, or unambiguous prefixes of them, in the order in which they are named.</summary>
    /// <exception cref="RuleViolation">One of them names none, or several.</exception>
    public Task<IReadOnlyList<Guid>> FindRunsAsync(IReadOnlyList<string> named, CancellationToken cancellation = default) =>
        ListedRuns.FindAsync(_store, named, cancellation);

    /// <summary>How many runs there are of a kind; those that run and those that are interrupted are counted together.</summary>
    public Task<long> CountRunsAsync(RunFilter filter, CancellationToken cancellation = default) =>
        ListedRuns.CountAsync(_store, filter, cancellation);

    /// <summary>The norms of some runs; those of which none were recorded are left out.</summary>
    public Task<IReadOnlyList<RunNorms>> NormsAsync(IReadOnlyList<Guid> runs, CancellationToken cancellation = default) =>
        _store.DocumentsAsync<RunNorms>("where id = any($1)", [runs.ToArray()], cancellation);

    /// <summary>Events of some kinds of some streams, in ledger order.</summary>
    /// <param name="upTo">The place in the whole ledger after which nothing is told.</param>
    public Task<IReadOnlyList<LedgerEvent>> EventsOfAsync(
        IReadOnlyList<Guid> streams, IReadOnlyList<Type> records, long upTo, CancellationToken cancellation = default) =>
        ListedEvents.OfStreamsAsync(_store, streams, [.. records.Select(record => EventKinds.Of(record).Alias)], upTo, cancellation);

    /// <summary>Studies, newest first, their statuses told.</summary>
    /// <param name="name">What their names contain, in whatever case; null: all.</param>
    /// <param name="after">What the part before ended with; null: from the newest.</param>
    /// <returns>And what the next part goes on after; null: there are no more.</returns>
    public async Task<(IReadOnlyList<ToldStudy> Studies, string[]? Next)> StudiesAsync(
        string[]? after, int limit, CancellationToken cancellation = default, string? name = null)
    {
        var stored = await _studies.ListAsync(name, after, limit + 1, cancellation);
        var next = stored.Count > limit ? ListedStudies.KeyOf(stored[limit - 1]) : null;
        return (await Now.StandingsAsync([.. stored.Take(limit)], cancellation), next);
    }

    /// <param name="name">What their names contain, in whatever case; null: all.</param>
    public Task<long> CountStudiesAsync(CancellationToken cancellation = default, string? name = null) =>
        _studies.CountAsync(name, cancellation);

    /// <summary>What moves of some studies: their last events, and how many of their runs a living process has.</summary>
    /// <param name="upTo">The place in the whole ledger after which nothing is told.</param>
    public async Task<IReadOnlyDictionary<Guid, StudyMovement>> MovementsAsync(
        IReadOnlyList<Guid> studies, long upTo, CancellationToken cancellation = default)
    {
        var (last, worked) = (
            await _studies.LastAsync(studies, upTo, cancellation), await WorkedAsync(studies, cancellation));
        var running = await ListedRuns.ListAsync(_store, new(Status: RunStatuses.Running), null, MostRunning, cancellation);
        var held = (await Now.StandingsAsync(running, cancellation)).Where(run => run.Status == RunStatuses.Running)
            .CountBy(run => run.StudyId).ToDictionary();
        return last.ToDictionary(l => l.Key, l => new StudyMovement(
            l.Value.Sequence, l.Value.At, held.GetValueOrDefault(l.Key), worked.GetValueOrDefault(l.Key)));
    }

    // Of most studies it is what it was: only those that have moved are summed up again.
    private async Task<IReadOnlyDictionary<Guid, double>> WorkedAsync(IReadOnlyList<Guid> studies, CancellationToken cancellation)
    {
        var moves = _moves;
        Guid[] unknown;
        lock (_lock)
            unknown = [.. studies.Where(study => !_worked.TryGetValue(study, out var known) || known.Moves != moves.Of(study))];
        var summed = unknown.Length == 0 ? new Dictionary<Guid, double>()
            : await _studies.WorkedAsync(unknown, cancellation);
        lock (_lock)
        {
            if (_worked.Count > MostWorked)
                _worked.Clear();
            foreach (var study in unknown)
                _worked[study] = (moves.Of(study), summed.GetValueOrDefault(study));
            return studies.Where(_worked.ContainsKey).ToDictionary(study => study, study => _worked[study].Seconds);
        }
    }

    /// <summary>The place in the whole ledger up to which the newest seal is over it; 0: nothing is sealed.</summary>
    /// <param name="upTo">The place after which nothing is told.</param>
    public async Task<long> SealedAsync(long upTo, CancellationToken cancellation = default)
    {
        await using var command = _store.DataSource.CreateCommand($"""
            select (data ->> 'position')::bigint from {_store.Tables.Events}
            where stream_id = $1 and seq_id <= $2 order by version desc limit 1
            """);
        command.Parameters.Add(new() { Value = LedgerIds.Seals });
        command.Parameters.Add(new() { Value = upTo });
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    /// <summary>An event, by its id or an unambiguous prefix of it.</summary>
    /// <param name="upTo">Where the read models were when the question came.</param>
    /// <exception cref="RuleViolation">There is none, or there are several.</exception>
    public Task<LedgerEvent> EventAsync(string named, long upTo, CancellationToken cancellation = default) =>
        ListedEvents.FindAsync(_store, named, upTo, cancellation);

    /// <summary>Events in ledger order.</summary>
    /// <param name="after">A place in the whole ledger.</param>
    /// <param name="upTo">Where the read models were when the question came.</param>
    public Task<EventPart> EventsAsync(
        Guid? study, string? type, long after, long upTo, int limit, CancellationToken cancellation = default) =>
        ListedEvents.ListAsync(_store, study, type, after, upTo, limit, cancellation);

    /// <summary>The event of a stream at one of its versions; null where there is none yet.</summary>
    /// <param name="upTo">The place in the whole ledger after which nothing is told.</param>
    public Task<LedgerEvent?> EventAsync(Guid stream, long version, long upTo, CancellationToken cancellation = default) =>
        ListedEvents.AtAsync(_store, stream, version, upTo, cancellation);

    /// <summary>Those of some ids that there are.</summary>
    /// <param name="upTo">The place in the whole ledger after which nothing is told.</param>
    public Task<IReadOnlyList<LedgerEvent>> EventsByIdAsync(
        IReadOnlyList<Guid> ids, long upTo, CancellationToken cancellation = default) =>
        ListedEvents.ByIdAsync(_store, ids, upTo, cancellation);

    /// <summary>The first events of a study that an event led to.</summary>
    public Task<IReadOnlyList<LedgerEvent>> CausedByAsync(
        Guid study, Guid id, long upTo, int limit, CancellationToken cancellation = default) =>
        ListedEvents.CausedByAsync(_store, study, id, upTo, limit, cancellation);

    /// <summary>What somebody has to show who has just written these events; null where one of them is not in the ledger.</summary>
    public Task<Receipt?> ReceiptAsync(IReadOnlyCollection<Guid> events, CancellationToken cancellation = default) =>
        Receipt.OfAsync(_store, events, _time, cancellation);

    /// <summary>The event that names a file by its SHA-256; null where none does.</summary>
    /// <param name="upTo">The place in the whole ledger after which nothing is told.</param>
    public Task<NamedArtifact?> ArtifactAsync(string sha256, long upTo, CancellationToken cancellation = default) =>
        NamedArtifact.FindAsync(_store, sha256, upTo, cancellation);

    /// <summary>The place of the last event in ledger order that is not later than a time; 0: there is none.</summary>
    /// <param name="upTo">The place after which nothing is told.</param>
    public async Task<long> PlaceAsync(DateTimeOffset at, long upTo, CancellationToken cancellation = default)
    {
        await using var command = _store.DataSource.CreateCommand(
            $"select seq_id from {_store.Tables.Events} where seq_id <= $1 and timestamp <= $2 order by seq_id desc limit 1");
        command.Parameters.Add(new() { Value = upTo });
        command.Parameters.Add(new() { Value = at.ToUniversalTime() });
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    /// <summary>
    /// How many events there are up to a place: fewer than places, since those that PostgreSQL gave out before it was cut off, or for what
    /// was not recorded after all, stay empty.
    /// </summary>
    /// <param name="from">The place that is counted from.</param>
    public async Task<long> CountAsync(long from, long upTo, CancellationToken cancellation = default)
    {
        await using var command = _store.DataSource.CreateCommand(
            $"select count(*) from {_store.Tables.Events} where seq_id between $1 and $2");
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = upTo });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Number of a study's events up to a place in the whole ledger.</summary>
    public async Task<long> PositionAsync(Guid study, long upTo, CancellationToken cancellation = default)
    {
        await using var connection = await _store.DataSource.OpenConnectionAsync(cancellation);
        return await Receipt.PositionAsync(connection, _store, study, upTo, cancellation);
    }

    /// <summary>What a study's own stream states, but for how each run ended, with the position of each.</summary>
    public Task<IReadOnlyList<(long Position, LedgerEvent Event)>> MilestonesAsync(
        Guid study, long upTo, CancellationToken cancellation = default) =>
        Watch(study).MilestonesAsync(upTo, cancellation);

    /// <summary>Who had which run of a study when, in the order in which they began.</summary>
    public Task<IReadOnlyList<RunAttempt>> AttemptsAsync(Guid study, long upTo, CancellationToken cancellation = default) =>
        Watch(study).AttemptsAsync(upTo, cancellation);

    /// <summary>When the norms of each epoch of some runs of a study were all recorded, in the order of its positions.</summary>
    public Task<IReadOnlyList<MeasuredEpoch>> MeasuredEpochsAsync(
        Guid study, IReadOnlyList<Guid> runs, long upTo, CancellationToken cancellation = default) =>
        ListedEvents.MeasuredAsync(_store, study, runs, upTo, cancellation);

    private async Task<StudyFacts> FoldAsync(StudyMoment moment, IReadOnlyList<AggregationRule> rules)
    {
        await _folds.WaitAsync();
        try
        {
            return await _snapshots.FactsAsync(moment, rules);
        }
        finally
        {
            _folds.Release();
        }
    }

    private StudyWatch Watch(Guid study)
    {
        lock (_lock)
        {
            if (!_watched.TryGetValue(study, out var watched))
                watched.Watch = new(_store, study);
            _watched[study] = (watched.Watch, ++_uses);
            // The one that is asked for is the newest, and stays however large it is.
            for (var all = _watched.Values.Sum(w => w.Watch.Length); all > MostWatched && _watched.Count > 1;)
            {
                var (oldest, (gone, _)) = _watched.MinBy(w => w.Value.Used);
                all -= gone.Length;
                _watched.Remove(oldest);
            }
            return watched.Watch;
        }
    }

    /// <summary>How far the ledger has come; of all who ask at the same time, one asks.</summary>
    public Task<LedgerState> StateAsync(CancellationToken cancellation = default) => _state.AskAsync(cancellation);

    private async Task<LedgerState> LookAsync()
    {
        await using var command = _store.DataSource.CreateCommand($"""
            with at as (select coalesce(max(last_seq_id), 0) as position from {_store.Tables.Progress}
                        where name = '{ReadModelProjection.Progress}')
            select at.position, (select coalesce(max(seq_id), 0) from {_store.Tables.Events}),
                   (select extract(epoch from clock_timestamp() - timestamp)::float8
                    from {_store.Tables.Events} where seq_id > at.position order by seq_id limit 1),
                   (select md5(coalesce(string_agg(concat(classid, '.', objid, '.', mode), ' ' order by classid, objid, mode), ''))
                    from pg_locks where locktype = 'advisory' and granted
                        and database = (select oid from pg_database where datname = current_database())),
                   (select coalesce(max(version), 0) from {_store.Tables.Streams} where id = $1)
            from at
            """);
        command.Parameters.Add(new() { Value = LedgerIds.Rules });
        LedgerState state;
        await using (var reader = await command.ExecuteReaderAsync())
        {
            await reader.ReadAsync();
            state = new(
                reader.GetInt64(0), reader.GetInt64(1),
                reader.IsDBNull(2) ? null : TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(2))), reader.GetString(3),
                reader.GetInt64(4));
        }
        _moves = await MovesAsync(state.Position);
        _trend = _trend.Seen(state, _time.GetUtcNow());
        return state with { Moves = _moves, Trend = _trend, Trouble = _trouble() };
    }

    private async Task<StudyMoves> MovesAsync(long position)
    {
        if (position == _moves.Position)
            return _moves;
        // Where the read models are being made again, or very much has happened, it is not looked for who moved.
        if (position < _moves.Position || position - _moves.Position > MostToLookThrough)
            return _moves.AllTo(position);
        var (studies, others) = await MovedSinceAsync(_moves.Position, position, default);
        return others ? _moves.AllTo(position) : _moves.To(position, studies);
    }

    /// <summary>The studies that have events after one place in the whole ledger and up to another.</summary>
    public async Task<IReadOnlySet<Guid>> MovedAsync(long after, long upTo, CancellationToken cancellation = default) =>
        (await MovedSinceAsync(after, upTo, cancellation)).Studies;

    /// <returns>And whether there are events of no study among them.</returns>
    private async Task<(IReadOnlySet<Guid> Studies, bool Others)> MovedSinceAsync(long after, long upTo, CancellationToken cancellation)
    {
        await using var command = _store.DataSource.CreateCommand($"""
            select distinct correlation_id::uuid from {_store.Tables.Events} where seq_id > $1 and seq_id <= $2
            """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (moved, others) = (new HashSet<Guid>(), false);
        while (await reader.ReadAsync(cancellation))
            if (reader.IsDBNull(0))
                others = true;
            else
                moved.Add(reader.GetGuid(0));
        return (moved, others);
    }
}
