using System.Net;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace LdcLedger.Web.Tests.Access;

/// <summary>
/// Who may do what: every route that the server has, asked by everybody, under its own name and another's, from its own pages and from
/// elsewhere. What is expected stands in one table; a route that is not in it fails.
/// </summary>
public sealed class RightsTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly HttpClient _client = ledger.Client();

    private const string Anybody = "anybody", Readers = "readers", Bound = "bound readers, too", Operators = "operators",
        Home = "readers; bound ones are led to their study";

    private static readonly IReadOnlyDictionary<string, string> Table = new Dictionary<string, string>
    {
        ["GET /"] = Home,
        ["GET /api/v1/artifacts/{sha256}"] = Bound,
        ["GET /api/v1/compare"] = Readers,
        ["GET /api/v1/compare/figures/{figure}.{format}"] = Readers,
        ["GET /api/v1/doctor"] = Operators,
        ["GET /api/v1/events"] = Readers,
        ["GET /api/v1/events/stream"] = Readers,
        ["GET /api/v1/events/{event}"] = Bound,
        ["GET /api/v1/events/{event}/canonical"] = Bound,
        ["GET /api/v1/events/{event}/proof"] = Bound,
        ["GET /api/v1/ledger/position"] = Bound,
        ["GET /api/v1/ledger/seals"] = Readers,
        ["POST /api/v1/ledger/seals"] = Operators,
        ["POST /api/v1/ledger/verifications"] = Operators,
        ["GET /api/v1/ledger/verifications/{verification}"] = Readers,
        ["GET /api/v1/openapi.json"] = Bound,
        ["POST /api/v1/proofs:check"] = Readers,
        ["GET /api/v1/reports/diff"] = Readers,
        ["POST /api/v1/reports:verify"] = Readers,
        ["GET /api/v1/rules"] = Bound,
        ["GET /api/v1/rules/diff"] = Bound,
        ["GET /api/v1/rules/{rule}"] = Bound,
        ["PUT /api/v1/rules/{rule}"] = Operators,
        ["GET /api/v1/runs"] = Readers,
        ["GET /api/v1/runs/{run}"] = Bound,
        ["GET /api/v1/runs/{run}/events"] = Bound,
        ["POST /api/v1/runs/{run}/retry"] = Operators,
        ["GET /api/v1/runs/{run}/figures/{figure}.{format}"] = Bound,
        ["GET /api/v1/session"] = Bound,
        ["POST /api/v1/specs:plan"] = Readers,
        ["POST /api/v1/specs:validate"] = Readers,
        ["GET /api/v1/studies"] = Readers,
        ["POST /api/v1/studies"] = Operators,
        ["GET /api/v1/studies/{study}"] = Bound,
        ["GET /api/v1/studies/{study}/attempts"] = Bound,
        ["POST /api/v1/studies/{study}/cancel"] = Operators,
        ["GET /api/v1/studies/{study}/consistency"] = Bound,
        ["GET /api/v1/studies/{study}/decisions"] = Bound,
        ["GET /api/v1/studies/{study}/evaluations"] = Bound,
        ["GET /api/v1/studies/{study}/export.jsonl"] = Bound,
        ["POST /api/v1/studies/{study}/extend"] = Operators,
        ["GET /api/v1/studies/{study}/figures"] = Bound,
        ["GET /api/v1/studies/{study}/figures/{figure}.{format}"] = Bound,
        ["GET /api/v1/studies/{study}/findings"] = Bound,
        ["GET /api/v1/studies/{study}/milestones"] = Bound,
        ["GET /api/v1/studies/{study}/norms"] = Bound,
        ["GET /api/v1/studies/{study}/perplexities"] = Bound,
        ["GET /api/v1/studies/{study}/rankings"] = Bound,
        ["GET /api/v1/studies/{study}/rankings/history"] = Bound,
        ["GET /api/v1/studies/{study}/report.{format}"] = Bound,
        ["GET /api/v1/studies/{study}/root"] = Bound,
        ["GET /api/v1/studies/{study}/stream"] = Bound,
        ["POST /api/v1/studies/{study}/rules:try"] = Bound,
        ["GET /api/v1/workers"] = Readers,
        ["GET /assets/{hash}/{name}"] = Anybody,
        ["GET /compare"] = Readers,
        ["GET /events/{event}"] = Bound,
        ["GET /ledger"] = Readers,
        ["POST /ledger/rules"] = Operators,
        ["POST /ledger/seals"] = Operators,
        ["POST /ledger/verifications"] = Operators,
        ["GET /live"] = Readers,
        ["GET /login"] = Anybody,
        ["GET /reference"] = Bound,
        ["GET /reports/diff"] = Readers,
        ["GET /reports/verify"] = Readers,
        ["POST /reports/verify"] = Readers,
        ["GET /runs"] = Readers,
        ["GET /runs/{run}"] = Bound,
        ["POST /runs/{run}/retry"] = Operators,
        ["POST /session"] = Anybody,
        ["POST /session/end"] = Anybody,
        ["GET /status"] = Readers,
        ["GET /studies/{study}"] = Bound,
        ["POST /studies/{study}/cancel"] = Operators,
        ["POST /studies/{study}/extend"] = Operators,
        ["POST /studies/{study}/playground"] = Operators,
        ["GET /studies/{study}/map"] = Bound,
        ["GET /studies/{study}/playground"] = Bound,
        ["GET /studies/{study}/rankings"] = Bound,
        ["GET /studies/{study}/report"] = Bound,
        ["GET /studies/{study}/report/preview"] = Bound,
        ["GET /studies/{study}/stage2"] = Bound,
        ["GET /studies/{study}/work"] = Bound,
        ["GET /workers"] = Readers,
    };

    private static readonly IReadOnlyList<string> Who = ["nobody", "bound", "reader", "operator"];

    [Fact]
    [Trait("Attack", "4")]
    public void Every_route_is_in_the_table_and_every_row_of_it_is_a_route() =>
        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), ledger.Web.Routes.Select(NameOf).Order(StringComparer.Ordinal));

    [Fact]
    [Trait("Attack", "1")]
    [Trait("Attack", "4")]
    public async Task Every_route_answers_those_whom_the_table_lets_in_and_no_others()
    {
        var wrong = new List<string>();
        foreach (var route in ledger.Web.Routes)
            foreach (var who in Who)
                foreach (var ownName in (bool[])[true, false])
                    foreach (var ownPage in (bool[])[true, false])
                    {
                        var status = await StatusAsync(route, who, ownName, ownPage);
                        var expected = Expected(Table[NameOf(route)], who, ownName, ownPage, MethodOf(route) != "GET");
                        // What passes the gate is answered in the route's own way: anything but a refusal of it.
                        if (expected is { } refused ? status != refused
                            : status is HttpStatusCode.MisdirectedRequest or HttpStatusCode.Forbidden)
                            wrong.Add($"{NameOf(route)}, {who}, own name {ownName}, own page {ownPage}: {status}, not {expected}");
                    }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    [Trait("Attack", "9")]
    public void No_route_makes_or_ends_a_token_or_says_what_tokens_there_are() => Assert.DoesNotContain(
        ledger.Web.Routes, route => route.RoutePattern.RawText!.Contains("token", StringComparison.OrdinalIgnoreCase));

    /// <summary>Null: it passes the gate.</summary>
    private static HttpStatusCode? Expected(string rights, string who, bool ownName, bool ownPage, bool changes)
    {
        if (!ownName)
            return HttpStatusCode.MisdirectedRequest;
        if (rights == Anybody)
            return changes && !ownPage ? HttpStatusCode.Forbidden : null;
        // A token in a header is nothing that another page could send along: where the request comes from does not count.
        return (rights, who) switch
        {
            (_, "nobody") => HttpStatusCode.Unauthorized,
            (Home, "bound") => HttpStatusCode.SeeOther,
            (Readers or Operators, "bound") => HttpStatusCode.NotFound,
            (Operators, "reader") => HttpStatusCode.Forbidden,
            _ => null,
        };
    }

    private async Task<HttpStatusCode> StatusAsync(RouteEndpoint route, string who, bool ownName, bool ownPage)
    {
        var token = who switch
        {
            "operator" => ledger.Token.Text,
            "reader" => ledger.Reader,
            "bound" => ledger.Bound,
            _ => null,
        };
        var path = route.RoutePattern.Parameters.Aggregate(
            route.RoutePattern.RawText!, (text, part) => text.Replace($"{{{part.Name}}}", "0", StringComparison.Ordinal));
        using var request = new HttpRequestMessage(new(MethodOf(route)), new Uri(ledger.Web.Url!, path));
        request.Headers.Host = ownName ? ledger.Web.Url!.Authority : $"evil.example:{ledger.Web.Url!.Port}";
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        request.Headers.Add("Sec-Fetch-Site", ownPage ? "same-origin" : "same-site");
        request.Headers.Add("Origin", ownPage ? ledger.Web.Url!.GetLeftPart(UriPartial.Authority) : "http://127.0.0.1:1");
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        return response.StatusCode;
    }

    private static string NameOf(RouteEndpoint route) => $"{MethodOf(route)} {route.RoutePattern.RawText}";

    private static string MethodOf(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single();
}
