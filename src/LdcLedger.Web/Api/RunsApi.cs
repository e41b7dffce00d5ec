using System.Text.Json;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
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
    public static EventAnswer Of(LedgerEvent e) => new(
        e.Sequence, e.Stream, e.Version, e.Type, e.Id, e.Timestamp, e.Causation, JsonElement.Parse(e.Data), e.Chain, e.Sentence);
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

    public static async Task<RunSummary> ShowAsync(View view) => (await view.RunAsync(history: false)).Run;

    public static async Task<EventsAnswer> EventsAsync(View view) =>
        new([.. (await view.RunAsync()).History.Select(EventAnswer.Of)], null);
}
