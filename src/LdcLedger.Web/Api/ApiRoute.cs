using LdcLedger.Web.Access;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Api;

/// <summary>A parameter of a query, as the document describes it.</summary>
/// <param name="Type">string, integer or boolean.</param>
public sealed record QueryParameter(string Name, string Type, string Words)
{
    public static readonly QueryParameter At = new(
        "at", "string", "As it stood at a position of the study (the number of its events), or at a time such as 2026-11-25T15:30:00Z.");

    public static readonly QueryParameter Rules = new(
        "rule", "string", "Aggregation rules, NAME or NAME@VERSION, with commas between; without it the study's own.");

    public static readonly QueryParameter Limit = new("limit", "integer", "At most so many, 1 to 1000; 100 without it.");

    public static readonly QueryParameter CursorOfPart = new(
        "cursor", "string", "Where the part before ended: its nextCursor. It is of one filter, and goes on in no other.");

    public static readonly QueryParameter Wait = new(
        "wait", "integer", "Answer when the read models have reached this place of the ledger, at most 10 s later; else 504.");
}

/// <summary>A row of <see cref="ApiTable"/>: all that is said of a route of the API.</summary>
/// <param name="Pattern">Below <c>/api/v1</c>.</param>
/// <param name="Name">Its operation's, in the document.</param>
/// <param name="Answer">The type of what it answers; <see cref="RawAnswer"/>: no document of ours.</param>
/// <param name="LoadAsync">Asks the ledger.</param>
public sealed record ApiRoute(
    string Pattern, string Name, string Words, IReadOnlyList<QueryParameter> Query, Type Answer, Func<View, Task<object>> LoadAsync)
{
    /// <summary>Readers, unless a route says otherwise: one of a single study is for bound readers, too.</summary>
    public RouteAccess Access { get; init; } = RouteAccess.Readers;

    /// <summary>What kind of text or bytes it answers.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>POST or PUT where something is sent.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>What is sent; null: nothing.</summary>
    public Type? Body { get; init; }

    /// <summary>What kind of text or bytes is sent.</summary>
    public string BodyMediaType { get; init; } = "application/json";

    /// <summary>Which of the answers that are none of a refusal it gives.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = [200];

    /// <summary>How much may be sent; null: as much as to any route.</summary>
    public BodyLimit? Limit { get; init; }

    /// <summary>Whether it is as long as the study is large, or a file: its answer is begun within a second, and not kept.</summary>
    public bool IsExport { get; init; }

    /// <summary>
    /// Whether what it answers follows from the ledger, its leases and the address alone, so that it stays the same while these do, and
    /// who has it need not be sent it again.
    /// </summary>
    public bool IsOfLedgerAlone { get; init; } = true;

    /// <summary>A route for operators that records something, or finds it recorded.</summary>
    public static ApiRoute Write(string method, string pattern, string name, string words, Type? body, Func<View, Task<Asked>> ask) =>
        new(pattern, name, words, [], typeof(ReceiptAnswer), async view => ReceiptAnswer.Of(view, await ask(view)))
        {
            Access = RouteAccess.Operators, Method = method, Body = body, Statuses = [200, 201],
        };

    public static ApiRoute Of<T>(
        string pattern, string name, string words, IReadOnlyList<QueryParameter> query, Func<View, Task<T>> load) where T : notnull =>
        new(pattern, name, words, query, typeof(T), async view => await load(view));

    /// <summary>What it is about: the first part of its path.</summary>
    internal string Tag => Pattern.Split('/', ':')[1];

    /// <summary>The names of its parameters; every route can be asked to wait.</summary>
    internal IReadOnlyList<string> Parameters => [.. Query.Select(q => q.Name), QueryParameter.Wait.Name];
}

/// <summary>An answer that another goes on after.</summary>
internal interface IPart
{
    /// <summary>What the next part goes on after; null: there are no more.</summary>
    string? NextCursor { get; }
}

/// <summary>A part of a long list.</summary>
/// <param name="NextCursor">What the next part goes on after; null: there are no more.</param>
/// <param name="Count">How many there are in all; only where it was asked for.</param>
public sealed record Part<T>(IReadOnlyList<T> Items, string? NextCursor, long? Count = null) : IPart;

/// <summary>An answer that is no JSON document of ours: exact bytes, a table.</summary>
public sealed record RawAnswer(byte[] Content, string ContentType, string? FileName = null);

/// <summary>An answer that is written as it comes.</summary>
public sealed record StreamedAnswer(Func<HttpContext, Task> SendAsync);

/// <summary>An answer with another status than 200.</summary>
/// <param name="Place">Where what it is about is found, below the root of the API.</param>
internal sealed record PlacedAnswer(int Status, string Place, object Answer);
