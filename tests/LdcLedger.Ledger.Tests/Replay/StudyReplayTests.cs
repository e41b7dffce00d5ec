using System.Text.Json;
using CsCheck;
using LdcLedger.Domain;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Tests.Postgres;
using Marten;
using Xunit;

namespace LdcLedger.Ledger.Tests.Replay;

public sealed class StudyReplayTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerQueries Queries => new(ledger.Store, TimeProvider.System);

    [Fact]
    public async Task A_replay_is_what_the_read_models_were_kept_to_bit_for_bit_over_random_studies_and_rules() =>
        await Gen.Select(RandomStudy.Any, RandomStudy.Rules.Array[1, 4], Gen.Int[20, 200], Gen.Int[0, 2]).SampleAsync(
            async (study, rules, page, askedAfter) =>
            {
                // The ledger grows page by page; somewhere on the way somebody asks for the first time, and from then on they are kept.
                var pages = study.Facts.Chunk(page).ToList();
                foreach (var (i, some) in pages.Index())
                {
                    await ledger.Writer.RecordAsync(some, cancellation: Cancellation);
                    if (i == Math.Min(askedAfter, pages.Count - 1))
                        foreach (var rule in rules)
                            await Queries.FactsAsync(study.Study.StudyId, [rule], Cancellation);
                    else if (i > askedAfter)
                        await new ReadModelProgress(ledger.Store, TimeProvider.System).CatchUpAsync(Cancellation);
                }
                var kept = await KeptAsync(study.Study.StudyId);
                var replayed = await ReplayAsync(study.Study.StudyId, rules);
                foreach (var hash in rules.Select(r => r.Hash))
                    Assert.Equal(Bits(replayed.Rankings.Where(r => r.RuleHash == hash)), Bits(kept.Where(r => r.RuleHash == hash)));

                // And every table and figure made of them.
                var facts = await Queries.FactsAsync(study.Study.StudyId, rules, Cancellation);
                Assert.Equal((facts.Position, facts.Root, facts.AsOf), (replayed.Position, replayed.Root, replayed.AsOf));
                Assert.Equal(
                    Bits(facts.Study, facts.Runs, facts.Perplexities, facts.Losses),
                    Bits(replayed.Study, replayed.Runs, replayed.Perplexities, replayed.Losses));
                foreach (var rule in rules)
                    Assert.Equal(TablesOf(facts, rule), TablesOf(replayed, rule));
            },
            iter: 12, threads: 1);

    [Fact]
    public async Task An_extended_study_is_replayed_with_what_the_extension_added()
    {
        var (study, runs) = Samples.Study("extended replay");
        await ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        foreach (var run in runs)
            await ledger.Writer.RecordAsync(
                [new RunSettled(run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Seed, 0, "completed", null, null)],
                cancellation: Cancellation);
        await new StudySubmission(ledger.Store, ledger.Writer).ExtendAsync(study.StudyId, AggregationRule.ComponentFrobenius, Cancellation);
        AggregationRule[] rules = [AggregationRule.ComponentFrobenius, AggregationRule.BlockSum];
        var replayed = await ReplayAsync(study.StudyId, rules);
        var facts = await Queries.FactsAsync(study.StudyId, rules, Cancellation);
        Assert.True(facts.Runs.Count > runs.Count);
        Assert.Equal(Bits(facts.Study, facts.Runs, facts.Losses), Bits(replayed.Study, replayed.Runs, replayed.Losses));
        Assert.NotEmpty(facts.Losses);
        var extension = Assert.Single(facts.Extensions);
        Assert.Equal((AggregationRule.ComponentFrobenius, facts.Runs.Count - runs.Count), (extension.Rule, extension.NewRuns));
        Assert.Equal(facts.Extensions, replayed.Extensions);
        Assert.All(rules, rule => Assert.Equal(TablesOf(facts, rule), TablesOf(replayed, rule)));
    }

    [Fact]
    public async Task Up_to_a_place_it_is_what_was_known_there()
    {
        var (study, runs) = Samples.Study("up to");
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        var before = await LastAsync();
        var early = await ReplayAsync(study.StudyId, [AggregationRule.BlockSum]);
        await ledger.Writer.RecordAsync([.. runs.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        var then = await new StudyReplay(ledger.Store).FactsAsync(study.StudyId, [AggregationRule.BlockSum], before, Cancellation);
        Assert.Equal(Bits(early), Bits(then));
        Assert.NotEqual(Bits(early), Bits(await ReplayAsync(study.StudyId, [AggregationRule.BlockSum])));
    }

    [Fact]
    public async Task A_study_that_is_not_there_is_said_not_to_be() => Assert.Contains(
        "ldc study list",
        (await Assert.ThrowsAsync<RuleViolation>(
            () => new StudyReplay(ledger.Store).FactsAsync(Guid.Empty, [AggregationRule.BlockSum], long.MaxValue, Cancellation))).Message,
        StringComparison.Ordinal);

    private async Task<StudyFacts> ReplayAsync(Guid study, IReadOnlyList<AggregationRule> rules) =>
        await new StudyReplay(ledger.Store).FactsAsync(study, rules, await LastAsync(), Cancellation);

    private async Task<long> LastAsync()
    {
        var progress = new ReadModelProgress(ledger.Store, TimeProvider.System);
        await progress.CatchUpAsync(Cancellation);
        return await progress.PositionAsync(Cancellation);
    }

    private async Task<IReadOnlyList<DomainRankings>> KeptAsync(Guid study)
    {
        await using var session = ledger.Store.Marten.QuerySession();
        return [.. (await session.Query<DomainRankings>().Where(r => r.StudyId == study).ToListAsync(Cancellation))
            .OrderBy(r => r.Model).ThenBy(r => r.Domain)];
    }

    private static string TablesOf(StudyFacts facts, AggregationRule rule) => Bits(
        RankingTable.Of(facts, rule), AggregatedNormTable.Of(facts, rule), NormFigure.Of(facts, rule), PerplexityTable.Of(facts, rule));

    // Numbers are written so that they read back to the same bits. Which name a rule was first asked for by is not what it says.
    private static string Bits(params object[] values) => JsonSerializer.Serialize(values, LedgerJson.Options);

    private static string Bits(IEnumerable<DomainRankings> rankings) =>
        Bits([.. rankings.Select(r => (object)(r with { Rule = AggregationRule.BlockSum }))]);
}
