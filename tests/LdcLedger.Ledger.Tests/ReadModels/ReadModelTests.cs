using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Marten;
using Xunit;

namespace LdcLedger.Ledger.Tests.ReadModels;

public sealed class ReadModelTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerQueries Queries => new(ledger.Store, TimeProvider.System);

    private ReadModelProgress Progress => new(ledger.Store, TimeProvider.System);

    private async Task<IReadOnlyList<DomainRankings>> RankingsAsync(Guid study, AggregationRule rule) =>
        (await Queries.FactsAsync(study, [rule], Cancellation)).Rankings;

    [Fact]
    public async Task Rebuilt_from_the_events_every_read_model_is_what_it_was()
    {
        var (study, runs) =
            Samples.Study("rebuilt", models: 2, domains: 2, rule: AggregationRule.BlockSum with { Name = "first-epoch", Epoch = 1 });
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        foreach (var run in runs)
        {
            await ledger.Writer.RecordAsync(Samples.Whole(run), cancellation: Cancellation);
            await Progress.CatchUpAsync(Cancellation);   // live: page by page
        }
        var live = await EveryReadModelAsync(study.StudyId);
        Assert.All(live, table => Assert.NotEqual("[]", table.Json));

        await Progress.RebuildAsync(Cancellation);
        Assert.Equal(live, await EveryReadModelAsync(study.StudyId));
    }

    [Fact]
    public async Task While_another_process_leads_the_read_models_are_not_rebuilt_nor_is_it_waited_for()
    {
        await using (await LeaderLock.TakeAsync(ledger.Store, TimeProvider.System, Cancellation))
            Assert.Contains("end it", (await Assert.ThrowsAsync<LedgerUnavailable>(() => Progress.RebuildAsync(Cancellation))).Message);
        await Progress.RebuildAsync(Cancellation);
    }

    [Fact]
    public async Task Facts_are_the_folds_of_the_events_at_the_position_they_name()
    {
        var (study, runs) = Samples.Study("facts");
        await ledger.Writer.RecordAsync(
            [study, .. runs, .. Samples.Whole(runs[0]), .. Samples.Whole(runs[3]).Take(4)], cancellation: Cancellation);
        var facts = await Queries.FactsAsync(study.StudyId, Cancellation);
        var root = await StudyRoot.OfAsync(ledger.Store, study.StudyId, cancellation: Cancellation);

        Assert.Equal((root.Position, root.Root, root.AsOf), (facts.Position, facts.Root, facts.AsOf));
        Assert.Equal(runs.Select(r => r.RunId).Order(), facts.Runs.Select(r => r.Id).Order());
        var baseline = facts.Runs.Single(r => r.Id == runs[0].RunId);
        Assert.Equal((RunStatuses.Completed, 1, "lab-07/1"), (baseline.Status, baseline.Attempt, baseline.Worker));
        Assert.Equal(baseline.Perplexity, Perplexity.Of(facts.Perplexities).Value);
        Assert.Equal(RunStatuses.Running, facts.Runs.Single(r => r.Id == runs[3].RunId).Status);
        Assert.Equal(3 * 7, Assert.Single(facts.Norms).Modules.Count);
    }

    [Fact]
    public async Task Rankings_are_kept_under_the_study_s_own_rule_and_under_others_from_when_they_are_first_asked_for()
    {
        var (study, runs) = Samples.Study("ranked", domains: 2, seeds: 2);
        var (other, otherRuns) = Samples.Study("not asked for");
        var last = runs.Last(r => r.Role == Regimes.All);
        var first = runs.Where(r => r.RunId != last.RunId);
        await ledger.Writer.RecordAsync(
            [study, .. runs, .. first.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        await ledger.Writer.RecordAsync(
            [other, .. otherRuns, .. otherRuns.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        await Progress.CatchUpAsync(Cancellation);
        var own = await KeptAsync(study.StudyId);
        Assert.Equal([("domain-1", 2), ("domain-2", 1)], own.Select(r => (r.Domain, r.Runs.Count)));
        Assert.All(own, ranking => Assert.Equal(study.Rule.Hash, ranking.RuleHash));
        Assert.Equal(Json(own), Json(await RankingsAsync(study.StudyId, study.Rule)));

        var ours = AggregationRule.BlockSum with { Name = "ours", Seeds = "median", Ties = "other-group" };
        var asked = await RankingsAsync(study.StudyId, ours);
        Assert.Equal(["domain-1", "domain-2"], asked.Select(r => r.Domain));
        Assert.Equal([2, 1], asked.Select(r => r.Runs.Count));
        Assert.Equal(Json(asked), Json(await KeptAsync(study.StudyId, ours)));
        Assert.Empty(await KeptAsync(other.StudyId, ours));   // a new rule folds the study that is asked about, and no other

        // From now on the projection keeps them, whether anybody asks or not.
        await ledger.Writer.RecordAsync(Samples.Whole(last), cancellation: Cancellation);
        await Progress.CatchUpAsync(Cancellation);
        Assert.Equal([2, 2], (await KeptAsync(study.StudyId, study.Rule)).Select(r => r.Runs.Count));
        var kept = await KeptAsync(study.StudyId, ours);
        Assert.Equal([2, 2], kept.Select(r => r.Runs.Count));
        var facts = await Queries.FactsAsync(study.StudyId, [ours], Cancellation);
        foreach (var ranking in kept)
        {
            var all = facts.Norms.Where(n => n.Role == Regimes.All && n.Domain == ranking.Domain).ToList();
            Assert.Equal(Json(Regimes.Groups.Select(g => Rankings.Of(ours, all, g))), Json(ranking.Groups));
        }
        Assert.Equal(Json(kept), Json(facts.Rankings));
        var theSame = ours with { Name = "the same", Version = 4 };
        Assert.Equal(Json(kept), Json(await RankingsAsync(study.StudyId, theSame)));
    }

    [Fact]
    public async Task A_ranking_that_the_projection_passed_while_it_was_made_is_made_again()
    {
        var (study, runs) = Samples.Study("passed", seeds: 2);
        await ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        var made = Assert.Single(await RankingsAsync(study.StudyId, AggregationRule.BlockSum));
        await using (var session = ledger.Store.Marten.LightweightSession())
        {
            session.Store(made with { Runs = [made.Runs[0]], Groups = [] });   // as of before the second run ended
            await session.SaveChangesAsync(Cancellation);
        }
        Assert.Equal(Json(made), Json(Assert.Single(await RankingsAsync(study.StudyId, AggregationRule.BlockSum))));
        Assert.Equal(Json(made), Json(Assert.Single(await KeptAsync(study.StudyId))));
    }

    [Fact]
    public async Task Who_may_only_read_is_answered_and_nothing_is_kept()
    {
        var (study, runs) = Samples.Study("reader");
        await ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        await Progress.CatchUpAsync(Cancellation);
        await using (var grant = ledger.Store.DataSource.CreateCommand(
            "create role rankings_reader; grant usage on schema ledger to rankings_reader; "
            + "grant select on all tables in schema ledger to rankings_reader"))
            await grant.ExecuteNonQueryAsync(Cancellation);
        var reader = new Npgsql.NpgsqlConnectionStringBuilder(ledger.Store.ConnectionString) { Options = "-c role=rankings_reader" };
        await using var reading = await LedgerStore.OpenAsync(reader.ConnectionString, cancellation: Cancellation);
        var asked = (await new LedgerQueries(reading, TimeProvider.System).FactsAsync(
            study.StudyId, [AggregationRule.BlockRelativeMean], Cancellation)).Rankings;
        Assert.Equal(2, Assert.Single(asked).Groups.Count);
        Assert.Empty(await KeptAsync(study.StudyId, AggregationRule.BlockRelativeMean));
    }

    [Fact]
    public async Task A_study_is_found_by_id_prefix_and_name_and_the_newest_of_a_name_wins()
    {
        var (older, _) = Samples.Study("same name", domains: 1);
        var (newer, runs) = Samples.Study("same name", domains: 2);
        await ledger.Writer.RecordAsync([older], cancellation: Cancellation);
        await ledger.Writer.RecordAsync([newer, .. runs], cancellation: Cancellation);
        Assert.Equal(newer.StudyId, (await Queries.FindStudyAsync("same name", Cancellation)).Id);
        Assert.Equal(older.StudyId, (await Queries.FindStudyAsync(older.StudyId.ToString(), Cancellation)).Id);
        Assert.Equal(older.StudyId, (await Queries.FindStudyAsync(older.StudyId.ToString("N")[..12], Cancellation)).Id);
        Assert.Equal(runs[2].RunId, (await Queries.FindRunAsync(runs[2].RunId.ToString()[..10], Cancellation)).Id);
        var studies = (await Queries.StudiesAsync(cancellation: Cancellation)).Items.Select(s => s.Id).ToList();
        Assert.True(studies.IndexOf(newer.StudyId) < studies.IndexOf(older.StudyId));
    }

    [Theory]
    [InlineData("no such name")]
    [InlineData("ffffffffffff")]
    [InlineData("")]
    public async Task A_study_that_is_not_there_is_said_not_to_be(string study)
    {
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Queries.FindStudyAsync(study, Cancellation));
        Assert.Contains("ldc study list", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prefix_of_several_ids_is_refused_with_examples()
    {
        var (study, runs) = Samples.Study("ambiguous", domains: 9, seeds: 2);
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        var digit = runs.Select(r => r.RunId.ToString()[..1]).GroupBy(d => d).First(g => g.Count() > 1).Key;
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => Queries.FindRunAsync(digit, Cancellation));
        Assert.Contains("several", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_runs_and_studies_are_together_what_there_is_and_say_how_many()
    {
        var (study, runs) = Samples.Study("paged", domains: 3, seeds: 2);
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        var all = await Queries.RunsAsync(study.StudyId, cancellation: Cancellation);
        Assert.Equal(runs.OrderBy(r => r.Domain).ThenBy(r => r.Stage).ThenBy(r => r.Role).ThenBy(r => r.Seed).Select(r => r.RunId),
            all.Items.Select(r => r.Id));
        Assert.Equal(runs.Count, all.Of);
        List<Guid> paged = [];
        for (var skip = 0; skip < runs.Count; skip += 4)
        {
            var page = await Queries.RunsAsync(study.StudyId, RunStatuses.Planned, 4, skip, Cancellation);
            Assert.Equal(runs.Count, page.Of);
            paged.InsertRange(0, page.Items.Select(r => r.Id));
        }
        Assert.Equal(all.Items.Select(r => r.Id), paged);

        var newest = await Queries.StudiesAsync(1, cancellation: Cancellation);
        Assert.Equal(study.StudyId, Assert.Single(newest.Items).Id);
        Assert.Equal((await Queries.StudiesAsync(cancellation: Cancellation)).Of, newest.Of);
    }

    [Fact]
    public async Task Runs_are_listed_by_status_and_their_history_is_what_was_recorded()
    {
        var (study, runs) = Samples.Study("listed");
        await ledger.Writer.RecordAsync([study, .. runs, .. Samples.Whole(runs[0])], cancellation: Cancellation);
        Assert.Equal(runs[0].RunId,
            Assert.Single((await Queries.RunsAsync(study.StudyId, RunStatuses.Completed, cancellation: Cancellation)).Items).Id);
        Assert.Equal(3, (await Queries.RunsAsync(study.StudyId, RunStatuses.Planned, cancellation: Cancellation)).Of);
        await Assert.ThrowsAsync<RuleViolation>(() => Queries.RunsAsync(status: "done", cancellation: Cancellation));

        var history = await Queries.HistoryAsync(runs[0].RunId, Cancellation);
        Assert.Equal(["run_planned", "run_claimed", "perplexity_evaluated", "run_completed"], history.Select(e => e.Type));
        Assert.Equal([1L, 2, 3, 4], history.Select(e => e.Version));
        Assert.All(history, e => Assert.Equal(64, e.Chain!.Length));
        Assert.Contains("\"totalNats\"", history[2].Data, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<DomainRankings>> KeptAsync(Guid study)
    {
        await using var session = ledger.Store.Marten.QuerySession();
        return await session.Query<DomainRankings>().Where(r => r.StudyId == study).OrderBy(r => r.Id).ToListAsync(Cancellation);
    }

    private async Task<IReadOnlyList<DomainRankings>> KeptAsync(Guid study, AggregationRule rule) =>
        [.. (await KeptAsync(study)).Where(ranking => ranking.RuleHash == rule.Hash)];

    // Rankings of the one study: those of others are kept as far as other tests have asked for them.
    private async Task<IReadOnlyList<(string Table, string Json)>> EveryReadModelAsync(Guid ranked)
    {
        await using var session = ledger.Store.Marten.QuerySession();
        return
        [
            ("runs", Json(await session.Query<RunSummary>().OrderBy(r => r.Id).ToListAsync(Cancellation))),
            ("norms", Json(await session.Query<RunNorms>().OrderBy(r => r.Id).ToListAsync(Cancellation))),
            ("perplexities", Json(await session.Query<RunPerplexity>().OrderBy(r => r.Id).ToListAsync(Cancellation))),
            ("rankings", Json(await KeptAsync(ranked))),
            ("studies", Json(await session.Query<StudySummary>().OrderBy(r => r.Id).ToListAsync(Cancellation))),
        ];
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, LedgerJson.Options);
}
