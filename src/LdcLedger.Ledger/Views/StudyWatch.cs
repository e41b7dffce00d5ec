using System.Data;
using LdcLedger.Domain;
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
    private readonly SemaphoreSlim _one = new(1);
    private readonly SeenDocuments<RunSummary> _runs = new();
    private readonly SeenDocuments<RunNorms> _norms = new();
    private readonly SeenDocuments<RunPerplexity> _perplexities = new();
    private readonly SeenDocuments<DomainRankings> _kept = new();
    private readonly Dictionary<string, DomainRankings> _made = [];
    private MerkleTree? _tree;
    private long _last;
    private DateTimeOffset _asOf;
    private StudyFacts? _facts;
    private bool _hasNorms;
    private long _length;

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
            await using var moment = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            var facts = await LookAsync(connection, norms, cancellation);
            var wanted = rules.Count == 0 ? [facts.Study.Rule] : rules;
            var (all, made) = KeptRankings.Of(facts, wanted, Known);
            if (made.Count > 0 && !_hasNorms)
                (all, made) = KeptRankings.Of(facts = await LookAsync(connection, norms: true, cancellation), wanted, Known);
            foreach (var ranking in made)
                _made[ranking.Id] = ranking;
            return facts with { Rankings = all };
        }
        finally
        {
            _one.Release();
        }
    }

    // Those that were made here may be of earlier runs: whoever asks takes those of now.
    private IEnumerable<DomainRankings> Known => _made.Values.Concat(_kept.All);

    private async Task<StudyFacts> LookAsync(NpgsqlConnection connection, bool norms, CancellationToken cancellation)
    {
        var summary = await store.DocumentAsync<StudySummary>(study, cancellation, connection)
            ?? throw new RuleViolation($"There is no study {study}; ldc study list shows them.");
        await using var progress = new NpgsqlCommand(
            $"select coalesce(max(last_seq_id), 0) from {store.Tables.Progress} where name = '{ReadModelProjection.Progress}'", connection);
        var upTo = (long)(await progress.ExecuteScalarAsync(cancellation))!;
        var moved = await GrowAsync(connection, upTo, cancellation);
        if (!moved && _facts is { } same && (_hasNorms || !norms))
            return same with { Study = summary };
        await _runs.LookAsync(connection, store, study, cancellation);
        await _perplexities.LookAsync(connection, store, study, cancellation);
        await _kept.LookAsync(connection, store, study, cancellation);
        if (norms)
            await _norms.LookAsync(connection, store, study, cancellation);
        _hasNorms = norms;
        Interlocked.Exchange(ref _length, _runs.Length + _perplexities.Length + _kept.Length + _norms.Length);
        var (losses, extensions) = norms ? await LedgerQueries.EventsOnlyAsync(connection, store, study, upTo, cancellation) : ([], []);
        return _facts = StudyFacts.InOrder(
            summary, _runs.All, norms ? _norms.All : [], _perplexities.All, losses, extensions, _tree!.Count, _tree.Root(), _asOf);
    }

    /// <summary>Adds the study's new events to the tree.</summary>
    /// <returns>Whether there were any.</returns>
    private async Task<bool> GrowAsync(NpgsqlConnection connection, long upTo, CancellationToken cancellation)
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
        var before = _tree.Count;
        while (await reader.ReadAsync(cancellation))
        {
            _tree.Add(Convert.FromHexString(reader.GetString(1)));
            (_last, _asOf) = (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(2));
        }
        return _tree.Count > before;
    }

    private async Task<DateTimeOffset> TimeOfAsync(NpgsqlConnection connection, long sequence, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select timestamp from {store.Tables.Events} where seq_id = $1", connection);
        command.Parameters.Add(new() { Value = sequence });
        return await command.ExecuteScalarAsync(cancellation) is DateTime time ? new(time) : DateTimeOffset.UnixEpoch;
    }
}
