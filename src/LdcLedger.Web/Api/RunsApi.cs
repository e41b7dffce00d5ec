using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <summary>An event as the ledger keeps it.</summary>
/// <param name="Sequence">Its place in the whole ledger.</param>
/// <param name="Version">Its place in its stream.</param>
/// <param name="Says">What it states, in a line.</param>
/// <param name="Chain">Its hash in the stream's chain.</param>
public sealed record EventAnswer(
    long Sequence, Guid Stream, long Version, string Type, Guid Id, DateTimeOffset Timestamp, string? Causation, JsonElement Data,
    string? Chain, string Says)
{
    public static EventAnswer Of(LedgerEvent e)
    {
        using var data = JsonDocument.Parse(e.Data);
        return new(
            e.Sequence, e.Stream, e.Version, e.Type, e.Id, e.Timestamp, e.Causation, data.RootElement.Clone(), e.Chain, e.Sentence);
    }
}

public sealed record EventsAnswer(IReadOnlyList<EventAnswer> Items, long? NextAfter);

/// <summary>What is answered of runs.</summary>
internal sealed class RunsApi(Cursor cursor)
{
    public async Task<Part<RunSummary>> ListAsync(View view)
    {
        var limit = (int)(view.Whole("limit", 1, 1000) ?? 100);
        var filter = await view.FilterAsync();
        var list = Cursor.ListOf(view);
        var after = view["cursor"] is { } text ? cursor.Read(list, text) : null;
        var (runs, next) = await view.Ledger.RunsAsync(filter, after, limit, view.Cancellation);
        return new(runs, next is null ? null : cursor.Write(list, next));
    }

    public static async Task<RunSummary> ShowAsync(View view) => (await FindAsync(view)).Run;

    public static async Task<EventsAnswer> EventsAsync(View view)
    {
        var (run, history) = await FindAsync(view);
        history ??= await view.Ledger.Now.HistoryAsync(run.Id, view.Cancellation);
        return new([.. history.Where(e => e.Sequence <= view.State.Position).Select(EventAnswer.Of)], null);
    }

    /// <summary>The run that the path names; of an earlier moment with its events until then.</summary>
    private static async Task<(RunSummary Run, IReadOnlyList<LedgerEvent>? History)> FindAsync(View view)
    {
        var named = view.Part("run");
        var none = new NotThere($"There is no run '{named}'.");
        try
        {
            if (view.At is null)
            {
                var run = await view.Ledger.Now.FindRunAsync(named, view.Cancellation);
                return view.Shows(run.StudyId, 0) ? (run, null) : throw none;
            }
            RunThen then = await view.Ledger.Past.FindRunAsync(named, view.At, view.Cancellation);
            return view.Shows(then.Run.StudyId, then.Moment.Position) ? (then.Run, then.History) : throw none;
        }
        catch (RuleViolation refused)
        {
            throw view.Viewer.IsBound ? none : new NotThere(refused.Message);
        }
    }
}
