using JasperFx.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using Xunit;

namespace LdcLedger.Ledger.Tests.ReadModels;

public sealed class ProjectedStudiesTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_finds_the_study_as_it_stood_before_it_also_when_it_comes_again_or_first()
    {
        var (study, runs) = Samples.Study("pages");
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        foreach (var run in runs)
            await ledger.Writer.RecordAsync(
                [new RunSettled(run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Seed, 0, Outcomes.Completed, null, null)],
                cancellation: Cancellation);
        await using var session = ledger.Store.Marten.QuerySession();
        var events = await session.Events.FetchStreamAsync(study.StudyId, token: Cancellation);

        var projected = new ProjectedStudies();
        Assert.Null(await projected.BeforeAsync(session, study.StudyId, [events[0]], Cancellation));
        foreach (var e in events)
            // twice: it failed
            Assert.Equal((e.Version - 1, e.Version - 1), (await SettledBeforeAsync(e) + 1, await SettledBeforeAsync(e) + 1));
        Assert.Equal(1, await SettledBeforeAsync(events[2]));                       // long ago: a rebuild
        projected = new();
        Assert.Equal(events.Count - 2, await SettledBeforeAsync(events[^1]));       // first: the process has just started

        async Task<long> SettledBeforeAsync(IEvent e)
        {
            var before = await projected.BeforeAsync(session, study.StudyId, [e], Cancellation);
            projected.Keep(
                new Dictionary<Guid, StudyProgress?> { [study.StudyId] = StudyProgress.Evolve(before, e.Fact, e.Timestamp) }, [e]);
            return before?.Count(Outcomes.Completed) ?? -1;
        }
    }
}
