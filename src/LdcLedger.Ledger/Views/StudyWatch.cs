using System.Data;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Trees;
using Npgsql;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// One study, looked at again and again: what has not changed since the last look is not read again, its position and root go on from where
/// they were. What it says is what <see cref="LedgerQueries.FactsAsync(Guid, CancellationToken)"/> says of the same moment.
/// </summary>
internal sealed class StudyWatch(LedgerStore store, Guid study)
{
    /// <summary>How much of it was read.</summary>
    private enum Depth
    {
        Results,

        /// <summary>To rank by.</summary>
        Norms,

        /// <summary>Losses and extensions, too, which are read from its events.</summary>
        All,
    }

    // Sets of rules that it is ranked under at one position.
    private const int MostRanked = 20;

    private static readonly IReadOnlyList<string> WorkTypes = [.. RunAttempt.Facts.Select(fact => EventKinds.Of(fact).Alias)];

    private readonly SemaphoreSlim _one = new(1), _oneOfMilestones = new(1), _oneOfWork = new(1);
    private readonly List<(long Sequence, ILedgerEvent Fact, DateTimeOffset At)> _work = [];
    private readonly SeenDocuments<RunSummary> _runs = new();
    private readonly SeenDocuments<RunNorms> _norms = new();
    private readonly SeenDocuments<RunPerplexity> _perplexities = new();
    private readonly SeenDocuments<DomainRankings> _kept = new();
    private readonly Dictionary<string, DomainRankings> _made = [];
    private readonly Dictionary<string, IReadOnlyList<DomainRankings>> _ranked = [];
    private MerkleTree? _tree;
    private long _last;
    private DateTimeOffset _asOf;
    private StudyFacts? _facts;
    private Depth _depth;
    private long _length, _milestonesUpTo, _workUpTo;
    private IReadOnlyList<(long Position, LedgerEvent Event)> _milestones = [];

    /// <summary>About how much memory it holds: the letters of JSON that it was read from.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Everything that can be said of it as it stands.</summary>
    /// <param name="rules">Those it is ranked under; none: its own.</param>
    /// <param name="norms">Whether norms, losses and extensions are wanted, which are most of what a study holds.</param>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public async Task<StudyFacts> FactsAsync(IReadOnlyList<AggregationRule> rules, bool norms, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
            var depth = norms ? Depth.All : Depth.Results;
            var facts = _facts is { } same && _depth >= depth && await StillAsync(connection, cancellation) is { } summary
                ? same with { Study = summary } : await LookAsync(connection, depth, cancellation);
            var wanted = rules.Count == 0 ? [facts.Study.Rule] : rules;
            var key = string.Join(' ', wanted.Select(rule => rule.Hash));
            if (!_ranked.TryGetValue(key, out var all))
            {
                (all, var made) = KeptRankings.Of(facts, wanted, Known);
                if (made.Count > 0 && _depth < Depth.Norms)
                    (all, made) = KeptRankings.Of(facts = await LookAsync(connection, Depth.Norms, cancellation), wanted, Known);
                foreach (var ranking in made)
                    _made[ranking.Id] = ranking;
                if (_ranked.Count >= MostRanked)
                    _ranked.Clear();
                _ranked[key] = all;
            }
            return facts with { Rankings = all };
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>What its own stream states of some kinds, always the same, with the position of each: what was read before stays.</summary>
    public async Task<IReadOnlyList<(long Position, LedgerEvent Event)>> MilestonesAsync(
        IReadOnlyList<string> types, long upTo, CancellationToken cancellation)
    {
        await _oneOfMilestones.WaitAsync(cancellation);
        try
        {
            if (upTo > _milestonesUpTo)
            {
                var last = _milestones.Count == 0 ? ((long, long)?)null : (_milestones[^1].Position, _milestones[^1].Event.Sequence);
                _milestones = [.. _milestones, .. await ListedEvents.MilestonesAsync(store, study, types, last, upTo, cancellation)];
                _milestonesUpTo = upTo;
            }
            return _milestones.Count == 0 || _milestones[^1].Event.Sequence <= upTo ? _milestones
                : [.. _milestones.TakeWhile(m => m.Event.Sequence <= upTo)];
        }
        finally
        {
            _oneOfMilestones.Release();
        }
    }

    /// <summary>Who had which of its runs when; of its events, only those after the last look are read.</summary>
    public async Task<IReadOnlyList<RunAttempt>> AttemptsAsync(long upTo, CancellationToken cancellation)
    {
        await _oneOfWork.WaitAsync(cancellation);
        try
        {
            if (upTo > _workUpTo)
            {
                var later = await ListedEvents.OfStudyAsync(store, study, WorkTypes, _workUpTo, upTo, cancellation);
                _work.AddRange(
                    from e in later
                    let fact = e.Fact
                    where fact is not null
                    select (e.Sequence, fact, e.Timestamp));
                _workUpTo = upTo;
            }
            return RunAttempt.Of(_work.TakeWhile(w => w.Sequence <= upTo).Select(w => (w.Fact, w.At)));
        }
        finally
        {
            _oneOfWork.Release();
        }
    }

    /// <summary>Its summary as it is now, in a single question; null where there is more to read, because it has moved.</summary>
    private async Task<StudySummary?> StillAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select data::text from {store.Tables.Documents<StudySummary>()} where id = $1 and not exists (
                select from {store.Tables.Events} where correlation_id = $2 and seq_id > $3 and seq_id <= ({UpTo}))
            """, connection);
        command.Parameters.Add(new() { Value = study });
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = _last });
        return await command.ExecuteScalarAsync(cancellation) is string text
            ? JsonSerializer.Deserialize<StudySummary>(text, LedgerJson.Options) : null;
    }

    private string UpTo =>
        $"select coalesce(max(last_seq_id), 0) from {store.Tables.Progress} where name = '{ReadModelProjection.Progress}'";

    // Those that were made here may be of earlier runs: whoever asks takes those of now.
    private IEnumerable<DomainRankings> Known => _made.Values.Concat(_kept.All);

    private async Task<StudyFacts> LookAsync(NpgsqlConnection connection, Depth depth, CancellationToken cancellation)
    {
        // Where it is broken off, the next look begins anew.
        _facts = null;
        _ranked.Clear();
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var summary = await store.DocumentAsync<StudySummary>(study, cancellation, connection)
            ?? throw new RuleViolation($"There is no study {study}; ldc study list shows them.");
        await using var progress = new NpgsqlCommand(UpTo, connection);
        var upTo = (long)(await progress.ExecuteScalarAsync(cancellation))!;
        await GrowAsync(connection, upTo, cancellation);
        await _runs.LookAsync(connection, store, study, cancellation);
        await _perplexities.LookAsync(connection, store, study, cancellation);
        await _kept.LookAsync(connection, store, study, cancellation);
        if (depth >= Depth.Norms)
            await _norms.LookAsync(connection, store, study, cancellation);
        Interlocked.Exchange(ref _length, _runs.Length + _perplexities.Length + _kept.Length + _norms.Length);
        var (losses, extensions) = depth < Depth.All ? ([], [])
            : await LedgerQueries.EventsOnlyAsync(connection, store, study, upTo, cancellation);
        _depth = depth;
        return _facts = StudyFacts.InOrder(
            summary, _runs.All, depth >= Depth.Norms ? _norms.All : [], _perplexities.All, losses, extensions, _tree!.Count, _tree.Root(),
            _asOf);
    }

    /// <summary>Adds the study's new events to the tree.</summary>
    private async Task GrowAsync(NpgsqlConnection connection, long upTo, CancellationToken cancellation)
    {
        if (_tree is null)
        {
            // What is sealed of it is read from its stored tree.
            var end = (await StoredTree.EndsAsync(connection, store.Trees, [study], cancellation))[study];
            if (end.LastSequence > upTo)
                end = default;   // the read models are being made again, and have not come so far
            _tree = await new StoredTree(connection, store.Trees, study, end, []).ResumeAsync((_, _, _) => { }, cancellation);
            (_last, _asOf) = (end.LastSequence, await TimeOfAsync(connection, end.LastSequence, cancellation));
        }
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, headers ->> '{LedgerWriter.ChainHeader}', timestamp
            from {store.Tables.Events} where correlation_id = $1 and seq_id > $2 and seq_id <= $3 order by seq_id
            """, connection);
        command.Parameters.Add(new() { Value = study.ToString("D") });
        command.Parameters.Add(new() { Value = _last });
        command.Parameters.Add(new() { Value = upTo });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            _tree.Add(Convert.FromHexString(reader.GetString(1)));
            (_last, _asOf) = (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(2));
        }
    }

    private async Task<DateTimeOffset> TimeOfAsync(NpgsqlConnection connection, long sequence, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select timestamp from {store.Tables.Events} where seq_id = $1", connection);
        command.Parameters.Add(new() { Value = sequence });
        return await command.ExecuteScalarAsync(cancellation) is DateTime time ? new(time) : DateTimeOffset.UnixEpoch;
    }
}
