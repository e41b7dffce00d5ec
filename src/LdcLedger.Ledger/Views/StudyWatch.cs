using System.Data;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;
using Npgsql;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// One study, looked at again and again: what has not changed since the last look is not read again, its position and root go on from where
/// they were. What it says is what <see cref="LedgerQueries.FactsAsync(Guid, CancellationToken)"/> says of the same moment.
/// </summary>
internal sealed class StudyWatch(LedgerStore store, Guid study)
{
    // Sets of rules that it is ranked under at one position.
    private const int MostRanked = 20;

    private readonly SemaphoreSlim _one = new(1);
    private readonly GrowingRoot _root = new(store, study);
    private readonly SeenMilestones _milestones = new(store, study);
    private readonly SeenAttempts _attempts = new(store, study);
    private readonly SeenDocuments<RunSummary> _runs = new();
    private readonly SeenDocuments<RunNorms> _norms = new();
    private readonly SeenDocuments<RunPerplexity> _perplexities = new();
    private readonly SeenDocuments<DomainRankings> _kept = new();
    private readonly Dictionary<string, DomainRankings> _made = [];
    private readonly Dictionary<string, IReadOnlyList<DomainRankings>> _ranked = [];
    private StudyFacts? _facts;
    private StudyDepth _depth;
    private long _last, _length;

    /// <summary>About how much memory it holds: the letters of JSON that it was read from.</summary>
    public long Length => Interlocked.Read(ref _length) + _milestones.Length + _attempts.Length;

    /// <summary>Everything that can be said of it as it stands.</summary>
    /// <param name="rules">Those it is ranked under; none: its own.</param>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public async Task<StudyFacts> FactsAsync(IReadOnlyList<AggregationRule> rules, StudyDepth depth, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
            var facts = _facts is { } same && _depth >= depth && await StillAsync(connection, cancellation) is { } summary
                ? same with { Study = summary } : await LookAsync(connection, depth, cancellation);
            var wanted = rules.Count == 0 ? [facts.Study.Rule] : rules;
            var key = string.Join(' ', wanted.Select(rule => rule.Hash));
            if (!_ranked.TryGetValue(key, out var all))
            {
                (all, var made) = KeptRankings.Of(facts, wanted, Known);
                if (made.Count > 0 && _depth < StudyDepth.Norms)
                    (all, made) = KeptRankings.Of(facts = await LookAsync(connection, StudyDepth.Norms, cancellation), wanted, Known);
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

    /// <summary>How it is cited as it stands: its position and root alone, without anything that it measured.</summary>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public async Task<(StudySummary Study, StudyRoot Root)> RootAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
            await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            return await RootAsync(connection, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>What its own stream states, but for how each run ended, always the same, with the position of each.</summary>
    public Task<IReadOnlyList<(long Position, LedgerEvent Event)>> MilestonesAsync(long upTo, CancellationToken cancellation) =>
        _milestones.OfAsync(upTo, cancellation);

    /// <summary>Who had which of its runs when.</summary>
    public Task<IReadOnlyList<RunAttempt>> AttemptsAsync(long upTo, CancellationToken cancellation) =>
        _attempts.OfAsync(upTo, cancellation);

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

    private async Task<StudyFacts> LookAsync(NpgsqlConnection connection, StudyDepth depth, CancellationToken cancellation)
    {
        // Where it is broken off, the next look begins anew.
        _facts = null;
        _ranked.Clear();
        await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var (summary, root) = await RootAsync(connection, cancellation);
        await _runs.LookAsync(connection, store, study, cancellation);
        await _perplexities.LookAsync(connection, store, study, cancellation);
        await _kept.LookAsync(connection, store, study, cancellation);
        if (depth >= StudyDepth.Norms)
            await _norms.LookAsync(connection, store, study, cancellation);
        Interlocked.Exchange(ref _length, _runs.Length + _perplexities.Length + _kept.Length + _norms.Length);
        var (losses, extensions) = depth < StudyDepth.All ? ([], [])
            : await LedgerQueries.EventsOnlyAsync(connection, store, study, root.LastSequence, cancellation);
        (_depth, _last) = (depth, root.LastSequence);
        return _facts = StudyFacts.InOrder(
            summary, _runs.All, depth >= StudyDepth.Norms ? _norms.All : [], _perplexities.All, losses, extensions,
            root.Position, root.Root, root.AsOf);
    }

    private async Task<(StudySummary Study, StudyRoot Root)> RootAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var summary = await store.DocumentAsync<StudySummary>(study, cancellation, connection)
            ?? throw new RuleViolation($"There is no study {study}; ldc study list shows them.");
        await using var progress = new NpgsqlCommand(UpTo, connection);
        var upTo = (long)(await progress.ExecuteScalarAsync(cancellation))!;
        return (summary, await _root.GrowAsync(connection, upTo, cancellation));
    }
}
