using System.Diagnostics.Metrics;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Telemetry;
using LdcLedger.Ledger.Tests.Postgres;
using Xunit;

namespace LdcLedger.Ledger.Tests.Store;

public sealed class StudyFoldsTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_that_was_read_before_is_read_on_from_there()
    {
        var (study, runs) = Samples.Study("read on");
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        Assert.Equal(1, await ReadAsync());
        Assert.Equal(0, await ReadAsync());
        await ledger.Writer.RecordAsync([.. runs.Select(r => Settled(r, Outcomes.Completed))], cancellation: Cancellation);
        Assert.Equal(runs.Count, await ReadAsync());
        Assert.Equal(0, await ReadAsync());

        async Task<long> ReadAsync()
        {
            long read = 0;
            using var listener = new MeterListener();
            var reading = new AsyncLocal<bool> { Value = true };
            listener.InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == StudyTrace.Name && instrument.Name == StreamStates.EventsReadName)
                    l.EnableMeasurementEvents(instrument);
            };
            // Other tests read, too; only what this one does counts.
            listener.SetMeasurementEventCallback<long>((_, events, _, _) => Interlocked.Add(ref read, reading.Value ? events : 0));
            listener.Start();
            await ledger.Store.StudyAsync(study.StudyId, Cancellation);
            return read;
        }
    }

    [Fact]
    public async Task What_was_read_in_steps_is_what_is_read_at_once()
    {
        var (study, runs) = Samples.Study("in steps", domains: 2);
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        foreach (var run in runs)
        {
            await ledger.Writer.RecordAsync([Settled(run, Outcomes.Failed)], cancellation: Cancellation);
            await ledger.Writer.RecordAsync([Settled(run, Outcomes.Completed) with { Retry = 1 }], cancellation: Cancellation);
            var inSteps = await ledger.Store.StudyAsync(study.StudyId, Cancellation);
            await using var fresh = await LedgerStore.OpenAsync(ledger.Store.ConnectionString, cancellation: Cancellation);
            var atOnce = await fresh.StudyAsync(study.StudyId, Cancellation);
            Assert.Equal(atOnce.Head, inSteps.Head);
            Assert.Equal(atOnce.State!.Runs.OrderBy(r => r.Key), inSteps.State!.Runs.OrderBy(r => r.Key));
            Assert.Equal(
                (0, atOnce.State.Runs.Values.Count(s => s is not null), atOnce.State.IsSettled),
                (inSteps.State.Count(Outcomes.Failed), inSteps.State.Count(Outcomes.Completed), inSteps.State.IsSettled));
        }
    }

    [Fact]
    public async Task Of_more_runs_than_are_kept_the_studies_read_last_stay()
    {
        var (study, _) = Samples.Study("many");
        var folds = new StudyFolds(mostRuns: 32 * study.Runs.Count);
        await ledger.Writer.RecordAsync([study], cancellation: Cancellation);
        var read = await ledger.Store.StudyAsync(study.StudyId, Cancellation);
        var ids = Enumerable.Range(0, 100).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var id in ids)
        {
            folds.Keep(id, read);
            Assert.Same(read, folds.Last(ids[0]));
        }
        Assert.Null(folds.Last(ids[1]).State);
        Assert.All(ids[^31..], id => Assert.Same(read, folds.Last(id)));
    }

    [Fact]
    public async Task Small_studies_are_kept_by_the_hundred_and_one_that_is_larger_than_all_alone()
    {
        var (study, _) = Samples.Study("hundreds");
        await ledger.Writer.RecordAsync([study], cancellation: Cancellation);
        var read = await ledger.Store.StudyAsync(study.StudyId, Cancellation);
        var ids = Enumerable.Range(0, 1000).Select(_ => Guid.CreateVersion7()).ToList();
        var (usual, small) = (new StudyFolds(), new StudyFolds(mostRuns: 1));
        foreach (var id in ids)
        {
            usual.Keep(id, read);
            small.Keep(id, read);
        }
        Assert.All(ids, id => Assert.Same(read, usual.Last(id)));
        Assert.Equal([ids[^1]], ids.Where(id => small.Last(id).State is not null));
    }

    private static RunSettled Settled(RunPlanned run, string outcome) =>
        new(run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Seed, 0, outcome, null, null);
}
