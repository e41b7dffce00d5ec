using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Replay;

/// <summary>Events that were changed behind the triggers are named when somebody reads them, not stumbled over.</summary>
public sealed class DamagedLedgerTests(TestServer server) : IAsyncLifetime
{
    private readonly EmptyLedger _ledger = new(server);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _ledger.InitializeAsync();

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    [Theory]
    [InlineData("update ledger.mt_events set data = '[1]' where type = 'run_planned'", "Event 2 (run_planned) states nothing")]
    [InlineData("""update ledger.mt_events set data = data || '{"epoch": "x"}' where type = 'layer_norm_measured'""",
        "(layer_norm_measured) states nothing that such an event can")]
    [InlineData("update ledger.mt_events set data = '{}' where type = 'run_planned'", "has measurements, and no event plans it")]
    [InlineData("delete from ledger.mt_events where type = 'run_planned'", "has measurements, and no event plans it")]
    [InlineData("delete from ledger.mt_events where type = 'study_submitted'", "and no event submits it")]
    public async Task A_replay_names_what_cannot_be(string damage, string says)
    {
        var study = await DamagedAsync(damage);
        var refused = await Assert.ThrowsAsync<LedgerDamaged>(
            () => new StudyReplay(_ledger.Store).FactsAsync(study, [], 1_000, Cancellation));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.Contains("`ldc ledger verify` says what is not as it was recorded.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_do_questions_about_the_past()
    {
        var study = await DamagedAsync("delete from ledger.mt_events where type = 'study_submitted'");
        var past = new PastQueries(_ledger.Store, TimeProvider.System);
        Assert.Contains("none submits it", (await Assert.ThrowsAsync<LedgerDamaged>(
            () => past.FindStudyAsync(study.ToString(), AsOf.At(3), Cancellation))).Message, StringComparison.Ordinal);
        Assert.Contains("none submits it", (await Assert.ThrowsAsync<LedgerDamaged>(
            () => past.StudiesAsync(DateTimeOffset.MaxValue, cancellation: Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_shows_it_as_it_stands()
    {
        await DamagedAsync("update ledger.mt_events set data = '[1]' where type = 'run_completed'");
        var queries = new LedgerQueries(_ledger.Store, TimeProvider.System);
        var run = (await queries.RunsAsync(cancellation: Cancellation)).Items[0];
        var last = (await queries.HistoryAsync(run.Id, Cancellation))[^1];
        Assert.Equal((null, "an event that this version of ldc cannot read: [1]"), (last.Fact, last.Sentence));
        Assert.Throws<LedgerDamaged>(() => last.KnownFact);
        Assert.Throws<LedgerUnavailable>(() => (last with { Type = "run_finished" }).KnownFact);
    }

    private async Task<Guid> DamagedAsync(string damage)
    {
        var (study, runs) = Samples.Study("damaged");
        await _ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        await new ReadModelProgress(_ledger.Store, TimeProvider.System).CatchUpAsync(Cancellation);
        Assert.All((await new LedgerQueries(_ledger.Store, TimeProvider.System).RunsAsync(cancellation: Cancellation)).Items,
            run => Assert.Equal(RunStatuses.Completed, run.Status));
        await using var connection = await _ledger.Store.DataSource.OpenConnectionAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"set session_replication_role = replica; {damage}; set session_replication_role = origin";
        await command.ExecuteNonQueryAsync(Cancellation);
        return study.StudyId;
    }
}
