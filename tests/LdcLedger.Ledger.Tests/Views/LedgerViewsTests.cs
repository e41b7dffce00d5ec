using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Views;
using Xunit;

namespace LdcLedger.Ledger.Tests.Views;

public sealed class LedgerViewsTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>, IDisposable
{
    private readonly string _keys = TestFolder.Create();

    public void Dispose() => Directory.Delete(_keys, recursive: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerViews Views => new(ledger.Store, TimeProvider.System);

    private LedgerQueries Queries => new(ledger.Store, TimeProvider.System);

    private ReadModelProgress Progress => new(ledger.Store, TimeProvider.System);

    [Fact]
    public async Task A_study_that_is_looked_at_while_it_grows_says_at_every_look_what_a_report_would()
    {
        var (study, runs) = Samples.Study("grows", models: 2, domains: 2, seeds: 2);
        var views = Views;   // one, as a server has it
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        var ours = AggregationRule.BlockSum with { Name = "ours", Combine = "max" };
        foreach (var (i, run) in runs.Index())
        {
            await ledger.Writer.RecordAsync(Samples.Whole(run), cancellation: Cancellation);
            await Progress.CatchUpAsync(Cancellation);
            AggregationRule[] rules = i % 2 == 0 ? [] : [study.Rule, ours];
            // However much of it is read, by turns: tables are the same. It is looked at first, before anybody has kept a ranking.
            var seen = await views.FactsAsync(study.StudyId, rules, (StudyDepth)(i % 3), Cancellation);
            var expected = await Queries.FactsAsync(study.StudyId, rules, Cancellation);
            Assert.Equal((expected.Position, expected.Root, expected.AsOf), (seen.Position, seen.Root, seen.AsOf));
            foreach (var rule in rules.DefaultIfEmpty(study.Rule))
                Assert.Equal(Json(PerplexityTable.Of(expected, rule)), Json(PerplexityTable.Of(seen, rule)));
            Assert.Equal(Json(expected.Rankings), Json(seen.Rankings));
            if ((StudyDepth)(i % 3) == StudyDepth.All)
                Assert.Equal(Json(expected), Json(seen));
        }
        // What is sealed is read from the stored tree, and goes on from there.
        await new Sealing(ledger.Store, ledger.Writer, new(_keys, null), TimeProvider.System).SealAsync(Cancellation);
        await ledger.Writer.RecordAsync([new Domain.Studies.StudyNamed(study.StudyId, 1, "grows on")], cancellation: Cancellation);
        await Progress.CatchUpAsync(Cancellation);
        var after = await Queries.FactsAsync(study.StudyId, Cancellation);
        Assert.Equal(Json(after), Json(await views.FactsAsync(study.StudyId, [], StudyDepth.All, Cancellation)));
        Assert.Equal(Json(after), Json(await Views.FactsAsync(study.StudyId, [], StudyDepth.All, Cancellation)));

        await Progress.RebuildAsync(Cancellation);
        Assert.Equal(
            Json(await Queries.FactsAsync(study.StudyId, Cancellation)),
            Json(await views.FactsAsync(study.StudyId, [], StudyDepth.All, Cancellation)));
    }

    [Fact]
    public async Task Milestones_stand_at_their_positions_whenever_they_are_asked_for_and_up_to_wherever()
    {
        var (study, runs) = Samples.Study("milestones", models: 2);
        var views = Views;
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        foreach (var (i, run) in runs.Index())
        {
            await ledger.Writer.RecordAsync(
                [.. Samples.Whole(run), new Domain.Studies.StudyNamed(study.StudyId, i + 1, $"named by {run.Role}")],
                cancellation: Cancellation);
            await Progress.CatchUpAsync(Cancellation);
            var state = await views.StateAsync(Cancellation);
            var all = (await views.EventsAsync(study.StudyId, null, 0, state.Position, 10_000, Cancellation)).Items;
            foreach (var upTo in (long[])[state.Position, all[^2].Sequence, all[all.Count / 2].Sequence, all[0].Sequence])
            {
                var found = await views.MilestonesAsync(study.StudyId, upTo, Cancellation);
                Assert.Equal(
                    all.Index().Where(e => e.Item.Stream == study.StudyId && e.Item.Sequence <= upTo)
                        .Select(e => (e.Index + 1L, e.Item.Id)),
                    found.Select(m => (m.Position, m.Event.Id)));
            }
        }
    }

    [Fact]
    public async Task A_study_has_moved_when_it_has_an_event_more_or_something_of_no_study_happened_and_not_when_another_has()
    {
        var (study, _) = Samples.Study("moves");
        var (other, _) = Samples.Study("moves beside it");
        var views = Views;
        async Task<string> MovesAsync(params ILedgerEvent[] events)
        {
            await ledger.Writer.RecordAsync(events, cancellation: Cancellation);
            await Progress.CatchUpAsync(Cancellation);
            return (await views.StateAsync(Cancellation)).MovesOf(study.StudyId);
        }
        var first = await MovesAsync(study);
        Assert.Equal(first, await MovesAsync(other));
        var second = await MovesAsync(new Domain.Studies.StudyNamed(study.StudyId, 1, "moved"));
        Assert.NotEqual(first, second);
        Assert.Equal(second, await MovesAsync(new Domain.Studies.StudyNamed(other.StudyId, 1, "moved, too")));
        var third = await MovesAsync(new AggregationRuleDefined(AggregationRule.BlockSum with { Name = "of no study" }));
        Assert.NotEqual(second, third);
    }

    [Fact]
    public async Task Nothing_is_waited_for_while_another_process_leads_and_stands_still()
    {
        var (study, _) = Samples.Study("not reached");
        await Progress.CatchUpAsync(Cancellation);
        await using (await LeaderLock.TakeAsync(ledger.Store, TimeProvider.System, Cancellation))
        {
            await ledger.Writer.RecordAsync([study], cancellation: Cancellation);
            var views = Views;
            var state = await views.StateAsync(Cancellation);
            Assert.Equal((true, true), (state.Last > state.Position, state.Lag is not null));
            await Assert.ThrowsAsync<RuleViolation>(() => views.FactsAsync(study.StudyId, [], StudyDepth.Results, Cancellation));
            await Assert.ThrowsAsync<RuleViolation>(() => views.Now.FindStudyAsync("not reached", Cancellation));
            await Assert.ThrowsAsync<RuleViolation>(() => views.Past.MomentAsync(study.StudyId, AsOf.At(1), Cancellation));
            Assert.DoesNotContain(study.StudyId, (await views.StudiesAsync(null, 100, Cancellation)).Studies.Select(s => s.Study.Id));
        }
    }

    [Fact]
    public async Task A_look_at_a_study_under_a_new_rule_keeps_no_ranking()
    {
        var (study, runs) = Samples.Study("only looked at");
        await ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        await Progress.CatchUpAsync(Cancellation);
        var views = Views;
        var rule = AggregationRule.BlockRelativeMean;
        Assert.NotEmpty((await views.FactsAsync(study.StudyId, [rule], StudyDepth.Results, Cancellation)).Rankings);
        await using var kept = ledger.Store.DataSource.CreateCommand(
            $"""
            select count(*) from {ledger.Store.Tables.Documents<Domain.Norms.DomainRankings>()}
            where (data ->> 'studyId')::uuid = $1 and data ->> 'ruleHash' = $2
            """);
        kept.Parameters.Add(new() { Value = study.StudyId });
        kept.Parameters.Add(new() { Value = rule.Hash });
        Assert.Equal(0L, await kept.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public async Task Events_of_one_kind_are_all_found_however_short_the_parts_are()
    {
        var (study, runs) = Samples.Study("parts");
        await ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(r => Samples.Whole(r))], cancellation: Cancellation);
        await Progress.CatchUpAsync(Cancellation);
        var views = Views;
        var state = await views.StateAsync(Cancellation);
        var expected = (await views.EventsAsync(study.StudyId, null, 0, state.Position, 10_000, Cancellation)).Items
            .Where(e => e.Type == "epoch_completed").Select(e => e.Id).ToList();
        Assert.NotEmpty(expected);
        var (found, after) = (new List<Guid>(), (long?)0);
        while (after is { } from)
        {
            var part = await views.EventsAsync(study.StudyId, "epoch_completed", from, state.Position, 2, Cancellation);
            found.AddRange(part.Items.Select(e => e.Id));
            after = part.Next;
        }
        Assert.Equal(expected, found);
        var one = await views.EventAsync(expected[0].ToString()[..13], state.Position, Cancellation);
        Assert.Equal(expected[0], one.Id);
        await Assert.ThrowsAsync<RuleViolation>(() => views.EventsAsync(null, "no_such_kind", 0, state.Position, 2, Cancellation));
    }

    private static string Json(object value) => JsonSerializer.Serialize(value, LedgerJson.Options);
}
