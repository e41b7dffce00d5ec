using System.Globalization;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace LdcLedger.Web.Pages;

/// <summary>
/// One request for a page: who asks, of which moment, what was chosen (all of it stands in the address), and the ledger to ask.
/// </summary>
public sealed class View
{
    private readonly HttpRequest _request;

    internal View(HttpContext context, LedgerViews ledger, LedgerState state)
    {
        (_request, Ledger, State, Viewer) = (context.Request, ledger, state, Gate.ViewerOf(context));
        Cancellation = context.RequestAborted;
        At = this["at"] is { } at ? AsOf.Parse(at) : Viewer.At is { } bound ? AsOf.At(bound) : null;
    }

    public LedgerViews Ledger { get; }

    /// <summary>How far the ledger had come when the request began.</summary>
    public LedgerState State { get; }

    public Viewer Viewer { get; }

    /// <summary>The moment that the page is frozen at; null: it is live.</summary>
    public AsOf? At { get; }

    public bool IsLive => At is null;

    public CancellationToken Cancellation { get; }

    /// <summary>What the address says of a parameter of the query; null where nothing.</summary>
    public string? this[string parameter] => _request.Query[parameter] is [.., { Length: > 0 } last] ? last : null;

    /// <summary>A part of the path, such as the <c>study</c> of <c>/studies/{study}</c>.</summary>
    public string Part(string name) => (string)_request.RouteValues[name]!;

    /// <summary>An address within this server: below the path base, whatever a proxy makes of it.</summary>
    /// <param name="query">Names and values; null values are left out.</param>
    public string Url(string path, params (string Name, object? Value)[] query) => _request.PathBase.Value + path
        + new QueryBuilder(query.Where(q => q.Value is not null).Select(q => KeyValuePair.Create(q.Name, Text(q.Value!)))).ToQueryString();

    /// <summary>This page's own address, with some of its parameters changed; null takes one out.</summary>
    public string Here(params (string Name, object? Value)[] changes) => Url(
        _request.Path.Value!,
        [
            .. _request.Query.Where(q => !changes.Any(c => c.Name == q.Key)).SelectMany(q => q.Value.Select(v => (q.Key, (object?)v))),
            .. changes,
        ]);

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
