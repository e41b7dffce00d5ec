using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Seals;

/// <summary>
/// A ledger with two finished studies, one of several hundred events, a rule, three seals over all of that, and a third study that has
/// begun since: what is tampered with in tests, each time in a transaction that is rolled back.
/// </summary>
public sealed class SealedLedger(TestServer server) : IAsyncLifetime
{
    private readonly EmptyLedger _ledger = new(server);
    private readonly string _folder = TestFolder.Create();

    public LedgerStore Store => _ledger.Store;

    public LedgerWriter Writer => _ledger.Writer;

    public SealKeys Keys => new(_folder, null);

    public Sealing Sealing => new(Store, Writer, Keys, TimeProvider.System);

    /// <summary>The newest seal's.</summary>
    public Checkpoint Checkpoint { get; private set; } = null!;

    public StudySubmitted Large { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _ledger.InitializeAsync();
        (Large, _) = await FinishedAsync("large", domains: 3);
        await Sealing.SealAsync();
        // Places that are drawn and not used, as a refused append leaves them.
        await using (var drawn = Store.DataSource.CreateCommand("select nextval('ledger.mt_events_sequence') from generate_series(1, 5)"))
            await drawn.ExecuteNonQueryAsync();
        await Writer.RecordAsync([new AggregationRuleDefined(AggregationRule.BlockSum with { Name = "ours" })]);
        await FinishedAsync("small", domains: 1);
        await Sealing.SealAsync();
        await Writer.RecordAsync([new AggregationRuleDefined(AggregationRule.BlockSum with { Name = "ours, too" })]);
        Checkpoint = Checkpoint.Parse((await Sealing.SealAsync()).Fact.Checkpoint);
        var (study, runs) = Samples.Study("begun");
        await Writer.RecordAsync([study, .. runs, .. Samples.Whole(runs[0])]);
    }

    public async ValueTask DisposeAsync()
    {
        await _ledger.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Verifies after some SQL behind the triggers' back, and takes it back.</summary>
    public async Task<ChainVerification> VerifyAfterAsync(string tampering, VerificationScope? scope = null, bool ignoresTriggers = true)
    {
        await using var connection = await Store.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand(
            $"{(ignoresTriggers ? "set local session_replication_role = replica;" : "")} {tampering}", connection))
            await command.ExecuteNonQueryAsync();
        return await ChainVerification.OfAsync(
            connection, Store.Tables, Store.Trees, scope ?? new(Keys: Keys.Trusted()), CancellationToken.None);
    }

    /// <summary>A study as the saga and its workers leave it.</summary>
    private async Task<(StudySubmitted Study, IReadOnlyList<RunPlanned> Runs)> FinishedAsync(string name, int domains)
    {
        var (submitted, first) = Samples.Study(name, domains: domains);
        List<RunPlanned> runs = [.. first];
        await Writer.RecordAsync([submitted, .. first]);
        var study = StudyProgress.Evolve(null, submitted, default)!;
        var norms = new Dictionary<Guid, RunNorms>();
        for (var at = 0; at < runs.Count; at++)
        {
            var run = runs[at];
            await Writer.RecordAsync(Samples.Whole(run), EventIds.Of(run));
            if (Samples.Whole(run).Aggregate((RunNorms?)null, RunNormsFold.Evolve) is { } measured)
                norms[run.RunId] = measured;
            var progress = Samples.Whole(run).Aggregate(
                RunProgress.Evolve(null, run, default), (seen, fact) => RunProgress.Evolve(seen, fact, default))!;
            List<ILedgerEvent> facts = [RunSettled.Of(progress)!];
            study = StudyProgress.Evolve(study, facts[0], default)!;
            if (Stage2Decision.Ready(study, run.Model, run.Domain) is { } cell
                && Stage2Decision.Plan(study, cell, cell.Rules[0], [.. cell.AllRuns.Select(all => norms[all])]) is { } decided)
            {
                facts.AddRange([decided.Plan, .. decided.NewRuns]);
                runs.AddRange(decided.NewRuns);
                study = StudyProgress.Evolve(study, decided.Plan, default)!;
            }
            if (Stage2Decision.Completion(study) is { } completed)
                facts.Add(completed);
            await Writer.RecordAsync(facts, EventIds.Of(progress.Ended!));
        }
        return (submitted, runs);
    }
}
