using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Exchange;
using LdcLedger.Ledger.Tests.Postgres;
using Xunit;

namespace LdcLedger.Ledger.Tests.Replay;

public sealed class PastQueriesTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LedgerQueries Queries => new(ledger.Store, TimeProvider.System);

    private PastQueries Past => new(ledger.Store, TimeProvider.System);

    [Fact]
    public async Task At_every_position_a_study_is_what_the_read_models_said_when_it_stood_there()
    {
        var (study, runs) = Samples.Study("every position", domains: 2);
        ILedgerEvent[][] steps =
        [
            [study, .. runs], .. runs.Select(r => Samples.Whole(r).ToArray()),
            [new RunRetryRequested(study.StudyId, runs[2].RunId, 1, "once more")],
            [new StudyCancelRequested(study.StudyId, "enough")],
        ];
        var said = new List<(long Position, string Facts, string Runs)>();
        foreach (var step in steps)
        {
            await ledger.Writer.RecordAsync(step, cancellation: Cancellation);
            var facts = await Queries.FactsAsync(study.StudyId, Cancellation);
            said.Add((facts.Position, Json(facts), Json((await Queries.RunsAsync(study.StudyId, cancellation: Cancellation)).Items)));
        }
        foreach (var (position, facts, listed) in said)
        {
            var moment = await Past.MomentAsync(study.StudyId, AsOf.At(position), Cancellation);
            Assert.Equal((position, said[^1].Position), (moment.Position, moment.Of));
            Assert.Equal(facts, Json(await Past.FactsAsync(moment, [], Cancellation)));
            Assert.Equal(listed, Json((await Past.RunsAsync(moment, cancellation: Cancellation)).Items));
        }
    }

    [Fact]
    public async Task At_every_position_there_are_tables_even_in_the_middle_of_what_was_recorded_at_once()
    {
        var facts = StudyText.Whole("tables everywhere");
        var study = await ImportAsync(StudyText.Lines(facts));
        for (var position = 1; position <= facts.Count; position++)
        {
            var then = await Past.FactsAsync(await Past.MomentAsync(study, AsOf.At(position), Cancellation), [], Cancellation);
            Assert.Equal(position, then.Position);
            var perplexities = PerplexityTable.Of(then, then.Study.Rule);
            Assert.Equal(
                then.Runs.Count(r => r.Status == RunStatuses.Completed),
                perplexities.Rows.Sum(r => r.Cells.Count(c => c.Value is not null)));
            Assert.Single(AggregatedNormTable.Of(then, then.Study.Rule));
            Assert.Single(NormFigure.Of(then, then.Study.Rule));
            Assert.Equal(2, RankingTable.Of(then, then.Study.Rule).Rows.Count);
        }
    }

    [Fact]
    public async Task A_time_means_the_last_event_in_ledger_order_that_is_not_later_whatever_the_clock_did()
    {
        // Position 4 was recorded by a clock that was ten seconds behind, position 6 by one that was an hour ahead.
        var facts = StudyText.Whole("clocks").Take(8).ToList();
        int[] seconds = [0, 1, 2, -10, 4, 3_600, 6, 7];
        var study = await ImportAsync(StudyText.Lines(facts, i => StudyText.Begin.AddSeconds(seconds[i])));
        Assert.Equal(4, await PositionAsync(0));     // the one whose clock was behind stands last of those
        Assert.Equal(4, await PositionAsync(3.5));
        Assert.Equal(5, await PositionAsync(4));
        Assert.Equal(5, await PositionAsync(5));
        Assert.Equal(7, await PositionAsync(6));     // with the sixth, which stands before it
        Assert.Equal(8, await PositionAsync(1e6));
        Assert.Equal(8, (await Past.MomentAsync(study, AsOf.At(8), Cancellation)).Position);

        await RefusedAsync(AsOf.At(StudyText.Begin.AddSeconds(-11)), "has no event yet at 2026-11-25T15:29:49.000000Z; its first is of "
            + "2026-11-25T15:30:00.000000Z.");
        await RefusedAsync(AsOf.At(9), "has no position 9; its positions are 1 to 8.");

        async Task<long> PositionAsync(double at) =>
            (await Past.MomentAsync(study, AsOf.At(StudyText.Begin.AddSeconds(at)), Cancellation)).Position;

        async Task RefusedAsync(AsOf asOf, string says)
        {
            var refused = await Assert.ThrowsAsync<RuleViolation>(() => Past.MomentAsync(study, asOf, Cancellation));
            Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Lists_are_of_the_studies_and_runs_that_were_there_each_at_its_own_position()
    {
        var begin = StudyText.Begin.AddYears(-10);   // before everything else of this ledger
        var older = StudyText.Whole("older list");
        var newer = StudyText.Whole("newer list");
        await ImportAsync(StudyText.Lines(newer, i => begin.AddSeconds(1_000 + i)));
        await ImportAsync(StudyText.Lines(older, i => begin.AddSeconds(i)));   // later in the ledger, earlier in time

        var none = await Past.StudiesAsync(begin.AddSeconds(-1), cancellation: Cancellation);
        Assert.Equal((0, 0), (none.Items.Count, none.Of));
        var one = await Past.StudiesAsync(begin.AddSeconds(7), cancellation: Cancellation);
        var only = Assert.Single(one.Items);
        Assert.Equal(("older list", 8L, (long)older.Count), (only.Study.Name, only.Moment.Position, only.Moment.Of));
        var both = await Past.StudiesAsync(begin.AddSeconds(1_000), cancellation: Cancellation);
        Assert.Equal([("newer list", 1L), ("older list", older.Count)], both.Items.Select(s => (s.Study.Name, s.Moment.Position)));
        Assert.Equal("older list", Assert.Single((await Past.StudiesAsync(begin.AddSeconds(1_000), 1, 1, Cancellation)).Items).Study.Name);

        var runs = await Past.RunsAsync(begin.AddSeconds(7), cancellation: Cancellation);
        Assert.Equal([RunStatuses.Completed, RunStatuses.Planned, RunStatuses.Planned, RunStatuses.Planned],
            runs.Items.Select(r => r.Status).Order());
        Assert.Equal(3, (await Past.RunsAsync(begin.AddSeconds(7), RunStatuses.Planned, cancellation: Cancellation)).Of);
        var study = EventIds.StudyOf(older[0])!.Value;
        Assert.Equal(
            Json((await Queries.RunsAsync(study, cancellation: Cancellation)).Items),
            Json((await Past.RunsAsync(begin.AddSeconds(999), cancellation: Cancellation)).Items));
    }

    [Fact]
    public async Task A_name_means_the_newest_study_of_that_name_that_was_there()
    {
        var begin = StudyText.Begin.AddYears(-5);
        var (first, _) = Samples.Study("named twice", domains: 1);
        var (second, _) = Samples.Study("named twice", domains: 2);
        await ImportAsync(StudyText.Lines([first], _ => begin));
        await ImportAsync(StudyText.Lines([second], _ => begin.AddDays(1)));
        Assert.Equal(second.StudyId, (await Past.FindStudyAsync("named twice", AsOf.At(begin.AddDays(1)), Cancellation)).Study.Id);
        Assert.Equal(first.StudyId, (await Past.FindStudyAsync("named twice", AsOf.At(begin.AddHours(23)), Cancellation)).Study.Id);
    }

    [Fact]
    public async Task A_name_that_another_study_has_by_now_means_the_one_that_had_it_then()
    {
        var begin = StudyText.Begin.AddYears(-7);
        var (first, _) = Samples.Study("handed on", domains: 1);
        var (second, _) = Samples.Study("handed on", domains: 2);
        // Called so at first and otherwise since; and the other one the other way round.
        await ImportAsync(StudyText.Lines(
            [first, new StudyNamed(first.StudyId, 1, "retired")], i => begin.AddDays(2 * i)));
        await ImportAsync(StudyText.Lines(
            [second with { Name = "young" }, new StudyNamed(second.StudyId, 1, "handed on")],
            i => i == 0 ? begin.AddHours(1) : begin.AddDays(3)));
        Assert.Equal(first.StudyId, (await Past.FindStudyAsync("handed on", AsOf.At(begin.AddDays(1)), Cancellation)).Study.Id);
        Assert.Equal(second.StudyId, (await Past.FindStudyAsync("handed on", AsOf.At(begin.AddDays(4)), Cancellation)).Study.Id);
    }

    [Fact]
    public async Task A_run_is_shown_as_it_was_with_its_events_until_then()
    {
        var facts = StudyText.Whole("run then");
        await ImportAsync(StudyText.Lines(facts));
        var baseline = ((StudySubmitted)facts[0]).Runs[0].ToString();
        var then = await Past.FindRunAsync(baseline, AsOf.At(6), Cancellation);
        Assert.Equal((RunStatuses.Running, 2), (then.Run.Status, then.History.Count));
        await Assert.ThrowsAsync<RuleViolation>(() => Past.FindRunAsync(baseline, AsOf.At(1), Cancellation));
    }

    [Fact]
    public async Task Leases_enter_neither_a_report_nor_an_answer_about_the_past()
    {
        var (study, runs) = Samples.Study("leased");
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        var (_, lease) = await new RunClaims(ledger.Store, ledger.Writer)
            .ClaimAsync(runs[1].RunId, "w", Samples.Environment, cancellation: Cancellation);
        var moment = await Past.MomentAsync(study.StudyId, AsOf.At(study.Runs.Count + 2), Cancellation);
        var report = Json(await Queries.FactsAsync(study.StudyId, Cancellation));
        var past = Json(await Past.FactsAsync(moment, [], Cancellation));
        await lease!.DisposeAsync();   // its process is gone, and says nothing
        Assert.Equal(report, Json(await Queries.FactsAsync(study.StudyId, Cancellation)));
        Assert.Equal(past, Json(await Past.FactsAsync(moment, [], Cancellation)));
        Assert.Equal(report, past);
    }

    [Theory]
    [InlineData("41", 41L, null)]
    [InlineData("2026-11-25", null, "2026-11-25T00:00:00.000000Z")]
    [InlineData("2026-11-25 15:30", null, "2026-11-25T15:30:00.000000Z")]
    [InlineData("2026-11-25 15:30:01.123456 UTC", null, "2026-11-25T15:30:01.123456Z")]
    [InlineData("2026-11-25T15:30:01.5+02:00", null, "2026-11-25T13:30:01.500000Z")]
    [InlineData("2026-11-25T15:30:01Z", null, "2026-11-25T15:30:01.000000Z")]
    [Trait("Needs", "nothing")]
    public void A_whole_number_is_a_position_and_anything_else_a_time(string text, long? position, string? time)
    {
        var asOf = AsOf.Parse(text);
        Assert.Equal((position, time), (asOf.Position, asOf.Time is { } t ? AsOf.Text(t) : null));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("yesterday")]
    [InlineData("11/25/2026")]
    [InlineData("2026-13-01")]
    [InlineData("")]
    [Trait("Needs", "nothing")]
    public void What_is_neither_is_refused_with_an_example(string text) => Assert.Contains(
        "such as", Assert.Throws<RuleViolation>(() => AsOf.Parse(text)).Message.Replace("1, 2, 3", "such as", StringComparison.Ordinal),
        StringComparison.Ordinal);

    private async Task<Guid> ImportAsync(string[] lines) => Assert.Single(await new LedgerImport(ledger.Store, TimeProvider.System)
        .ReadAsync(StudyText.File(lines), "file", cancellation: Cancellation)).Study;

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, LedgerJson.Options);
}
