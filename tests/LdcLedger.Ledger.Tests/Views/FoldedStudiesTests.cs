using System.Text.Json;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Views;
using Xunit;

namespace LdcLedger.Ledger.Tests.Views;

public sealed class FoldedStudiesTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PastQueries Past => new(ledger.Store, TimeProvider.System, asTheyStand: true);

    [Fact]
    public async Task Back_and_forth_in_a_study_every_moment_is_what_all_its_events_make_of_it()
    {
        var (study, runs) = Samples.Study("folded", models: 2, domains: 2, seeds: 2);
        await ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run))], cancellation: Cancellation);
        await new ReadModelProgress(ledger.Store, TimeProvider.System).CatchUpAsync(Cancellation);
        var last = (await Past.MomentAsync(study.StudyId, AsOf.At(1), Cancellation)).Of;
        var folded = new FoldedStudies(ledger.Store, eventsBetween: 7);
        var ours = AggregationRule.BlockSum with { Name = "ours", Combine = "max" };
        var random = new Random(7);
        var asked = Enumerable.Range(0, 24).Select(_ => random.NextInt64(1, last + 1)).Append(last).Append(1).Append(last);
        foreach (var (i, position) in asked.Index())
        {
            var moment = await Past.MomentAsync(study.StudyId, AsOf.At(position), Cancellation);
            AggregationRule[] rules = i % 2 == 0 ? [] : [study.Rule, ours];
            Assert.Equal(
                Json(await Past.FactsAsync(moment, rules, Cancellation)), Json(await folded.FactsAsync(moment, rules)));
        }
        // At once, and of moments that share what they are folded on from.
        var moments = await Task.WhenAll(Enumerable.Range(1, 16).Select(
            i => Past.MomentAsync(study.StudyId, AsOf.At(last * i / 16), Cancellation)));
        var facts = await Task.WhenAll(moments.Select(moment => Task.Run(() => folded.FactsAsync(moment, []), Cancellation)));
        foreach (var (moment, then) in moments.Zip(facts))
            Assert.Equal(Json(await Past.FactsAsync(moment, [], Cancellation)), Json(then));
    }

    [Fact]
    public async Task Of_a_moment_that_was_looked_at_nothing_before_the_nearest_fold_is_read_again()
    {
        var (study, runs) = Samples.Study("read once");
        await ledger.Writer.RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run))], cancellation: Cancellation);
        await new ReadModelProgress(ledger.Store, TimeProvider.System).CatchUpAsync(Cancellation);
        var folded = new FoldedStudies(ledger.Store, eventsBetween: 10);
        var moment = await Past.MomentAsync(study.StudyId, AsOf.At(25), Cancellation);
        await folded.FactsAsync(moment, []);
        var before = await folded.FactsAsync(await Past.MomentAsync(study.StudyId, AsOf.At(21), Cancellation), []);
        Assert.Equal(21, before.Position);
        // What cannot be read any more is not asked for: the first events are unreadable now, and the moment is there all the same.
        await ledger.TamperAsync($"update {ledger.Store.Tables.Events} set data = '[]' where stream_id = '{study.StudyId}'");
        Assert.Equal(Json(before.Runs), Json((await folded.FactsAsync(
            await Past.MomentAsync(study.StudyId, AsOf.At(21), Cancellation), [])).Runs));
    }

    private static string Json(object facts) => JsonSerializer.Serialize(facts);
}
