using System.Text.Json.Nodes;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Access;
using LdcLedger.Web.Api;
using LdcLedger.Web.Pages;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Routing;

namespace LdcLedger.Bench.Dashboards;

/// <summary>What kind of budget an address has.</summary>
internal enum AddressKind
{
    Page,
    Answer,

    /// <summary>A page or an answer of an earlier moment.</summary>
    Frozen,

    /// <summary>As long as a study is large, or made for this question alone: what counts is when it begins.</summary>
    Long,

    /// <summary>Without an end: what counts is when it begins.</summary>
    Stream,
}

/// <summary>A route as it is asked: its pattern, with what it is asked for, and addresses of it, each of something else.</summary>
internal sealed record AskedRoute(string Name, AddressKind Kind, IReadOnlyList<string> Addresses);

/// <summary>
/// Every page and every GET of the API, by their tables, in a ledger that has something to show for each: plain, of an earlier moment,
/// under another rule, the middle of a list, and filtered. A part of a path that nothing is known for is an error: whoever adds a route
/// with one says here what it is asked for.
/// </summary>
internal sealed class AskedRoutes
{
    /// <summary>So many addresses of each: whoever asks on and on asks for others.</summary>
    private const int Variety = 48;

    // Of as many studies their earlier moments are looked at by turns, as by people who work on a few.
    private const int StudiesInTime = 4;

    private const int MostStudies = 100_000;

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Filters = new Dictionary<string, IReadOnlyList<string>>
    {
        ["/"] = ["?name=stud", "?name=nothing"],
        ["/runs"] =
        [
            "?status=failed", "?since=2026-01-01&until=2026-01-02",
            "?worker=bench&stage=2", "?model=model-3&domain=domain-5", "?worker=nobody",
        ],
        ["/api/v1/runs"] = ["?status=failed&limit=1000", "?worker=bench&stage=2", "?role=top-1-mlp&seed=2", "?worker=nobody"],
        ["/api/v1/studies"] = ["?count=true&limit=1000", "?name=nothing"],
        ["/api/v1/events"] = ["?type=run_failed&limit=1000", "?limit=1000"],
    };

    private readonly Dictionary<string, IReadOnlyList<string>> _parts = [];
    private IReadOnlyList<(string Study, long Positions)> _moments = [];
    private string[] _middleRun = [];
    private long _position;
    private string? _figureOfStudy;

    /// <summary>What has to be asked for beside the path.</summary>
    private static readonly IReadOnlyDictionary<string, string> Needed = new Dictionary<string, string>
    {
        ["/api/v1/rules/diff"] = "?a=block-sum&b=component-frobenius&study={study}",
        ["/api/v1/studies/{study}/consistency"] = "?from=1",
        ["/api/v1/reports/diff"] = "?left={study}&right={study}",
    };

    /// <summary>What a ledger of the bench has none of: files that runs left, verifications that somebody asked for.</summary>
    private static readonly IReadOnlySet<string> None =
        new HashSet<string> { "/api/v1/artifacts/{sha256}", "/api/v1/ledger/verifications/{verification}" };

    /// <summary>Made for the question alone: a rule that is tried, reports laid side by side, figures, what was found, how rankings
    /// came about.</summary>
    private static readonly IReadOnlySet<string> MadeForOne = new HashSet<string>
    {
        "/studies/{study}/playground", "/reports/diff", "/api/v1/reports/diff", "/api/v1/rules/diff",
        "/api/v1/studies/{study}/rankings/history", "/api/v1/studies/{study}/figures", "/api/v1/studies/{study}/findings",
    };

    /// <summary>What the ledger has to be asked for.</summary>
    /// <param name="routes">Those of the server.</param>
    /// <param name="reader">Who asks for the names of figures.</param>
    public static async Task<IReadOnlyList<AskedRoute>> OfAsync(
        IReadOnlyList<RouteEndpoint> routes, LedgerViews ledger, LocalToken token, HttpClient reader, CancellationToken cancellation)
    {
        var (known, cursor) = (new AskedRoutes(), new Cursor(token));
        await known.LookAsync(ledger, reader, cancellation);
        return
        [
            .. routes.Select(route => route.Metadata.GetMetadata<PageRoute>()).OfType<PageRoute>().Where(page => page.Method == "GET")
                .SelectMany(page => known.Of(
                    page.Pattern, page.Query, MadeForOne.Contains(page.Pattern) ? AddressKind.Long : AddressKind.Page, cursor)),
            .. from route in routes.Select(route => route.Metadata.GetMetadata<ApiRoute>()).OfType<ApiRoute>()
               where route.Method == "GET" && route.Access != RouteAccess.Operators
               let pattern = ApiEndpoints.Root + route.Pattern
               where !None.Contains(pattern) && route.MediaType != "text/event-stream"
               from asked in known.Of(pattern, [.. route.Query.Select(q => q.Name)],
                   route.IsExport || MadeForOne.Contains(pattern) ? AddressKind.Long : AddressKind.Answer, cursor)
               select asked,
            new("/live", AddressKind.Stream, ["/live"]),
            new($"{ApiEndpoints.Root}/events/stream?after=", AddressKind.Stream,
                [.. Enumerable.Range(0, Variety).Select(i => $"{ApiEndpoints.Root}/events/stream?after={known._position * i / Variety}")]),
        ];
    }

    private async Task LookAsync(LedgerViews ledger, HttpClient reader, CancellationToken cancellation)
    {
        var state = await ledger.StateAsync(cancellation);
        var studies = (await ledger.StudiesAsync(null, Variety, cancellation)).Studies;
        var (runs, events) = (new List<RunSummary>(), new List<LedgerEvent>());
        for (var i = 0; i < Variety; i++)
        {
            var study = studies[i % studies.Count].Study.Id;
            runs.AddRange((await ledger.RunsAsync(new(study), null, 1 + i / studies.Count, cancellation)).Runs.TakeLast(1));
            events.AddRange((await ledger.EventsAsync(null, null, state.Position * i / Variety, state.Position, 1, cancellation)).Items);
        }
        _parts["{study}"] = [.. studies.Select(s => s.Study.Id.ToString("D"))];
        _parts["{run}"] = [.. runs.Select(run => run.Id.ToString("D"))];
        _parts["{event}"] = [.. events.Select(e => e.Id.ToString("D"))];
        var figures = await reader.GetStringAsync($"{ApiEndpoints.Root[1..]}/studies/{studies[0].Study.Id:D}/figures", cancellation);
        _figureOfStudy = (string?)JsonNode.Parse(figures)!["items"]!.AsArray().FirstOrDefault()?["name"];
        _parts["{rule}"] = [.. AggregationRule.BuiltIn.Select(rule => rule.Name)];
        var moments = new List<(string, long)>();
        foreach (var study in studies.Take(StudiesInTime))
        {
            var (_, root) = await ledger.RootAsync(study.Study.Id, cancellation);
            moments.Add((study.Study.Id.ToString("D"), root.Position));
        }
        _moments = moments;
        _position = state.Position;
        var all = (await ledger.StudiesAsync(null, MostStudies, cancellation)).Studies;
        _middleRun = ListedRuns.KeyOf((await ledger.RunsAsync(new(all[all.Count / 2].Study.Id), null, 1, cancellation)).Runs[0]);
    }

    private IEnumerable<AskedRoute> Of(string pattern, IReadOnlyList<string> query, AddressKind kind, Cursor cursor)
    {
        // Of the study that was asked for their names; runs without losses have none.
        if (pattern.Contains("{figure}", StringComparison.Ordinal))
        {
            if (_figureOfStudy is not null && pattern.Contains("{study}", StringComparison.Ordinal))
                yield return new(pattern, kind, [Path(pattern.Replace("{figure}", _figureOfStudy, StringComparison.Ordinal)
                    .Replace("{format}", "svg", StringComparison.Ordinal), 0)]);
            yield break;
        }
        pattern = pattern.Replace("{format}", "json", StringComparison.Ordinal);
        var needed = Needed.GetValueOrDefault(pattern, "");
        var plain = Enumerable.Range(0, Variety).Select(i => Path(pattern + needed, i)).Distinct().ToList();
        yield return new(pattern, kind, plain);
        if (needed.Length > 0)
            yield break;
        foreach (var filter in Filters.GetValueOrDefault(pattern, []))
            yield return new(pattern + filter, kind, [pattern + filter]);
        if (pattern.EndsWith("/runs", StringComparison.Ordinal))
            yield return new($"{pattern}?cursor=", kind, [$"{pattern}?cursor={cursor.Write($"{pattern}?", _middleRun)}"]);
        if (pattern == $"{ApiEndpoints.Root}/events")
            yield return new(
                $"{pattern}?after=", kind, [.. Enumerable.Range(0, Variety).Select(i => $"{pattern}?after={_position * i / Variety}")]);
        if (query.Contains("at") && pattern.Contains("{study}", StringComparison.Ordinal))
            yield return new($"{pattern}?at=", kind == AddressKind.Long ? kind : AddressKind.Frozen,
            [
                .. from i in Enumerable.Range(0, Variety)
                   let moment = _moments[i % _moments.Count]
                   let at = 1 + (moment.Positions - 1) * (i + 1) / (Variety + 1)
                   select $"{pattern.Replace("{study}", moment.Study, StringComparison.Ordinal)}?at={at}",
            ]);
        if (query.Contains("rule") && pattern.Contains("{study}", StringComparison.Ordinal))
            yield return new($"{pattern}?rule=", AddressKind.Long,
                [.. plain.Select(path => $"{path}?rule={AggregationRule.ComponentFrobenius.Name}")]);
    }

    private string Path(string pattern, int i)
    {
        foreach (var (part, values) in _parts)
            pattern = pattern.Replace(part, values[i % values.Count], StringComparison.Ordinal);
        return !pattern.Contains('{', StringComparison.Ordinal) ? pattern
            : throw new InvalidOperationException(
                $"The bench of the dashboard knows nothing to ask {pattern} for: add it to {nameof(AskedRoutes)}.");
    }
}
