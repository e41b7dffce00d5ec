using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Tests.Exchange;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Tests.Relay;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Imports;

/// <summary>
/// A finished, an unfinished and a hand-written study, imported beside a leader, a worker and a study of this ledger's own.
/// </summary>
public sealed class AtRestTests(TestServer server) : IAsyncLifetime
{
    private readonly EmptyLedger _ledger = new(server);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerStore Store => _ledger.Store;

    public ValueTask InitializeAsync() => _ledger.InitializeAsync();

    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    [Fact]
    public async Task Imported_studies_are_left_alone_until_somebody_asks_for_them()
    {
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        var (finished, _) = await ImportAsync(StudyText.Lines(Finished("finished")));
        var (unfinished, runs) = await ImportAsync(StudyText.Lines(Unfinished("unfinished")));
        var (byHand, byHandRuns) = await ImportAsync(await File.ReadAllLinesAsync(StudyFileTests.ByHand, Cancellation), unchained: true);
        Guid[] imported = [finished, unfinished, byHand];
        var before = await PositionsAsync(imported);

        var own = await SubmitAsync("own");
        await EndedAsync(own.StudyId);
        // What the broker of the other ledger could still have held.
        await host.DeliverAsync(
            [.. runs.SelectMany(r => new object[] { new TrainRun(unfinished, r), new RunEnded(unfinished, r) }),
                .. byHandRuns.Select(r => new RunEnded(byHand, r)), new StudyEnding(unfinished)], times: 2);
        Assert.Empty(host.Deliveries.Faults);
        Assert.Empty(await new Refill(Store, host.Bus).OpenAsync(null, Cancellation, long.MaxValue));
        Assert.Equal(before, await PositionsAsync(imported));
        Assert.Empty((await ChainVerification.RunAsync(Store, cancellation: Cancellation)).Differences);
        Assert.True(await Store.IsAtRestAsync(unfinished, Cancellation));
        Assert.False(await Store.IsAtRestAsync(own.StudyId, Cancellation));
        await Assert.ThrowsAsync<RuleViolation>(
            () => new StudySubmission(Store, _ledger.Writer).CancelAsync(unfinished, "too early", Cancellation));

        // `study run`: of a finished one there is nothing to ask for, an unfinished one goes on to its end, and the others still rest.
        Assert.False((await SubmitAsync("finished", [Regimes.Attention])).IsAdopted);
        Assert.False((await SubmitAsync("under another name", [Regimes.Attention])).IsAdopted);
        Assert.Equal(before[..1], await PositionsAsync([finished]));
        Assert.True((await SubmitAsync("unfinished")).IsAdopted);
        var ended = await EndedAsync(unfinished);
        Assert.Equal((8, 8), (ended.Count(Outcomes.Completed), ended.Runs.Count));
        Assert.Equal(before[..1], await PositionsAsync([finished]));
        Assert.Equal(before[2..], await PositionsAsync([byHand]));
        Assert.False((await SubmitAsync("unfinished")).IsAdopted);   // it is one of ours now
        Assert.NotNull((await Store.ImportNoteAsync(unfinished, Cancellation))!.AdoptedAt);
    }

    [Fact]
    public async Task A_retried_run_wakes_its_study()
    {
        var (study, runs) = await ImportAsync(StudyText.Lines(Finished("retried", failing: 1)));
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        await new RunRequests(Store, _ledger.Writer).RetryAsync(runs[1], "again, here", Cancellation);
        await WaitForAsync(async () => (await Store.StudyAsync(study, Cancellation)).State!.Completions == 2);
        Assert.Equal(runs.Count, (await Store.StudyAsync(study, Cancellation)).State!.Count(Outcomes.Completed));
        Assert.Equal("run retry", (await FactsAsync<StudyAdopted>()).Single().Reason);
    }

    [Fact]
    public async Task An_extension_wakes_its_study()
    {
        var (submitted, planned) = Samples.Study("extended");
        var (study, _) = await ImportAsync(StudyText.Lines([submitted, .. planned, .. planned.SelectMany(r => Samples.Whole(r))]));
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        await new StudySubmission(Store, _ledger.Writer).ExtendAsync(study, AggregationRule.ComponentFrobenius, Cancellation);
        var ended = await EndedAsync(study);
        Assert.Equal("study extend", (await FactsAsync<StudyAdopted>()).Single().Reason);
        Assert.Equal((2, 2), (ended.Rules.Count, ended.Stage2.Count));   // the study's own rule is decided as well
        Assert.True(ended.IsSettled);
    }

    [Fact]
    public async Task A_study_that_was_imported_and_adopted_while_nobody_led_goes_on_when_somebody_does()
    {
        var (study, _) = await ImportAsync(StudyText.Lines(Unfinished("nobody led")));
        Assert.True((await SubmitAsync("nobody led")).IsAdopted);
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        Assert.Equal(8, (await EndedAsync(study)).Count(Outcomes.Completed));
    }

    [Fact]
    public async Task A_study_whose_file_ends_in_the_middle_of_what_was_planned_at_once_is_intact_and_goes_on_whole()
    {
        var (submitted, planned) = Samples.Study("broken off");
        var (study, _) = await ImportAsync(StudyText.Lines([submitted, planned[0]]));
        Assert.Empty((await ChainVerification.RunAsync(Store, cancellation: Cancellation)).Differences);
        Assert.Empty((await ChainVerification.RunAsync(Store, study, Cancellation)).Differences);
        Assert.True((await SubmitAsync("broken off")).IsAdopted);
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        Assert.Equal(8, (await EndedAsync(study)).Count(Outcomes.Completed));
        Assert.Empty((await ChainVerification.RunAsync(Store, cancellation: Cancellation)).Differences);

        // What is not what was imported is no broken-off file.
        await using var connection = await Store.DataSource.OpenConnectionAsync(Cancellation);
        await using var edit = connection.CreateCommand();
        edit.CommandText = $"set session_replication_role = replica; delete from ledger.mt_events where stream_id = '{planned[0].RunId}'; "
            + $"delete from ledger.mt_streams where id = '{planned[0].RunId}'; set session_replication_role = origin";
        await edit.ExecuteNonQueryAsync(Cancellation);
        Assert.Contains((await ChainVerification.RunAsync(Store, cancellation: Cancellation)).Differences,
            d => d.Stream == planned[0].RunId && d.Kind == DifferenceKind.Missing);
    }

    [Fact]
    public async Task A_study_written_by_hand_can_be_adopted_and_is_settled()
    {
        var (study, runs) = await ImportAsync(await File.ReadAllLinesAsync(StudyFileTests.ByHand, Cancellation), unchained: true);
        await _ledger.Writer.RecordAsync(await Store.AdoptionAsync(study, "a test", Cancellation), cancellation: Cancellation);
        await using var host = await StudyHost.StartAsync(Store, daemon: true, worker: true);
        var ended = await EndedAsync(study);
        Assert.Equal(runs.Count, ended.Count(Outcomes.Completed));
    }

    /// <summary>Every run ended and settled, and the study says that it is complete.</summary>
    private static IReadOnlyList<ILedgerEvent> Finished(string name, int? failing = null)
    {
        var (study, runs) = Samples.Study(name, regimes: [Regimes.Attention]);
        var ends = runs.Select((run, i) => i != failing ? Samples.Whole(run)
            : [Samples.Whole(run)[0], new RunFailed(run.StudyId, run.RunId, 1, "out of memory", null, null)]).ToList();
        var settled = runs.Zip(ends).Select(r => RunSettled.Of(r.Second.Prepend(r.First)
            .Aggregate((RunProgress?)null, (run, fact) => RunProgress.Evolve(run, fact, StudyText.Begin))!)!);
        return
        [
            study, .. runs, .. ends.SelectMany(e => e), .. settled,
            new StudyCompleted(study.StudyId, 1, runs.Count - (failing is null ? 0 : 1), failing is null ? 0 : 1, 0, 0),
        ];
    }

    /// <summary>One run ended and is not settled, one is claimed, and two have not begun.</summary>
    private static IReadOnlyList<ILedgerEvent> Unfinished(string name)
    {
        var (study, runs) = Samples.Study(name);
        return [study, .. runs, .. Samples.Whole(runs[0]), .. Samples.Whole(runs[1]).Take(4)];
    }

    private async Task<(Guid Study, IReadOnlyList<Guid> Runs)> ImportAsync(string[] lines, bool unchained = false)
    {
        var part = Assert.Single(await new LedgerImport(Store, TimeProvider.System)
            .ReadAsync(StudyText.File(lines), "file", unchained, Cancellation));
        return (part.Study, (await Store.StudyAsync(part.Study, Cancellation)).State!.Submitted.Runs);
    }

    private Task<Submission> SubmitAsync(string name, IReadOnlyList<string>? regimes = null)
    {
        var (spec, models, resolved, rule) = Samples.Asked(name, regimes: regimes);
        return new StudySubmission(Store, _ledger.Writer).SubmitAsync(spec, models, resolved, rule, cancellation: Cancellation);
    }

    private async Task<long[]> PositionsAsync(Guid[] studies)
    {
        var positions = new List<long>();
        foreach (var study in studies)
            positions.Add((await StudyRoot.OfAsync(Store, study, cancellation: Cancellation)).Position);
        return [.. positions];
    }

    private async Task<StudyProgress> EndedAsync(Guid study)
    {
        await WaitForAsync(async () => (await Store.StudyAsync(study, Cancellation)).State!.IsEnded);
        return (await Store.StudyAsync(study, Cancellation)).State!;
    }

    private async Task<IReadOnlyList<T>> FactsAsync<T>()
    {
        await using var session = Store.Marten.QuerySession();
        return [.. (await session.Events.FetchStreamAsync(Domain.Identity.LedgerIds.Imports, token: Cancellation))
            .Select(e => e.Data).OfType<T>()];
    }

    private static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(20, Cancellation);
    }
}
