using LdcLedger.Bench.Ledgers;
using LdcLedger.Domain;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Access;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Views;
using LdcLedger.Web;
using LdcLedger.Web.Access;

namespace LdcLedger.Bench.Dashboards;

/// <summary>
/// How the dashboard of a large ledger answers: the real server over real HTTP, on this machine, with a study that goes on meanwhile. Those
/// who ask run in the same process, and their time counts against the server's.
/// </summary>
/// <param name="runs">Of the ledger, about.</param>
/// <param name="viewers">Who ask at the same time.</param>
/// <param name="seconds">How long each route is asked.</param>
/// <param name="only">What the routes that are asked contain, and nothing else is measured; null: everything is.</param>
public sealed class DashboardBench(LedgerStore store, int runs, int viewers, double seconds, string? only, TimeProvider time)
{
    public const double TargetMilliseconds = 300, TargetOfLongMilliseconds = 1_000, TargetOfNewsMilliseconds = 1_000;
    public const double TargetOfMany = 0.2, TargetOfFirstPage = 100, TargetOfRequests = 5, TargetOfTraining = 0.98;

    private const int LiveRuns = 528, MostViewers = 200;

    private static readonly TimeSpan RecordInterval = TimeSpan.FromMilliseconds(250);

    /// <param name="studyIn">Writes the demo's models and corpora into an empty folder, and says what they are.</param>
    /// <param name="say">Is told what begins.</param>
    public async Task<(IReadOnlyList<Measurement> Measured, IReadOnlyList<RouteFigure> Routes)> RunAsync(
        Func<string, StudyIdentity> studyIn, Action<string> say, CancellationToken cancellation = default)
    {
        var isShort = seconds < 1;
        say("a ledger is being written ...");
        var (made, events, _) = await new ListBench(store, time).FillAsync(runs, cancellation);
        await using var study = await LiveStudy.BeginAsync(store, Math.Min(LiveRuns, runs), time, cancellation);
        var folder = Directory.CreateTempSubdirectory("ldc-bench-token-").FullName;
        try
        {
            await new Sealing(store, new(store, time), new(folder, null), time).SealAsync(cancellation);
            var token = LocalToken.In(folder);
            var settings = new WebSettings(ListenAddress.Usual with { Port = 0 }) { RequestsPerSecond = 1_000_000, WarmsUp = true };
            await using var server = await WebServer.StartAsync(settings, store, token, store.Loggers, time, cancellation);
            var tokens = await TokensAsync(isShort ? viewers : MostViewers, cancellation);
            using var asking = new Clients(server.Url!, tokens.Take(viewers));

            await server.Warm.WaitAsync(cancellation);
            say("pages and answers ...");
            var routes = new List<RouteFigure>();
            var load = new RouteLoad(asking.All, time);
            var known = await AskedRoutes.OfAsync(server.Routes, new LedgerViews(store, time), token, asking.All[0], cancellation);
            var asked = known.Where(route => only is null || route.Name.Contains(only, StringComparison.Ordinal)).ToList();
            if (asked.Count == 0)
                throw new RuleViolation($"No route contains '{only}'; there are {string.Join(", ", known.Select(route => route.Name))}.");
            await using (study.Go(RecordInterval, time))
                foreach (var route in asked)
                    routes.Add(await load.OfAsync(route, TimeSpan.FromSeconds(seconds), cancellation));
            if (only is not null)
                return ([], routes);
            var size = new Dictionary<string, double> { ["runs"] = made, ["events"] = events, ["viewers"] = viewers };

            say("news ...");
            var (moved, visible) = await new LiveDelay(asking.All, study, time)
                .MeasureAsync(isShort ? 2 : (int)(10 * seconds), cancellation);

            say("many viewers ...");
            var (one, all) = await new ManyViewers(server.Url!, tokens, study, time)
                .MeasureAsync(isShort ? 2 : 10, isShort ? 1 : 3, cancellation);

            say("a first page ...");
            var first = await FirstPage.OfAsync(asking.All[0], "", cancellation);
            var shared = await FirstPage.OfAsync(asking.All[0], $"studies/{study.Id}", cancellation);

            say("training beside it ...");
            var (with, without, processorWith, processorWithout, pages) = await new TrainingBeside(store, asking.All[0], time)
                .MeasureAsync(studyIn, isShort ? 1 : Math.Max(2, (int)(4 * seconds)), cancellation);

            return (
            [
                Slowest("web-pages", "p95 of the slowest page", TargetMilliseconds, size, AddressKind.Page),
                Slowest("web-answers", "p95 of the slowest GET of the API", TargetMilliseconds, size, AddressKind.Answer),
                Slowest("web-frozen", "p95 of the slowest page or answer of an earlier moment", TargetMilliseconds, size,
                    AddressKind.Frozen),
                Slowest("web-long", "p95 until the first byte of an export, of a replay under another rule, or of a stream",
                    TargetOfLongMilliseconds, size, AddressKind.Long, AddressKind.Stream),
                new("web-news", "p95 from before an append until the number is on the page", Sample.P95(visible), "ms",
                    TargetOfNewsMilliseconds, false, new Dictionary<string, double>
                    {
                        ["samples"] = visible.Count, ["median_ms"] = Sample.Median(visible), ["longest_ms"] = visible.Max(),
                        ["told_median_ms"] = Sample.Median(moved), ["told_p95_ms"] = Sample.P95(moved),
                    }),
                new("web-many", $"processor's time of the server for one viewer more of an event, of {tokens.Count}",
                    Math.Max(0, all - one) / Math.Max(1, tokens.Count - 1), "ms", TargetOfMany, false,
                    new Dictionary<string, double> { ["one_ms"] = one, ["all_ms"] = all }),
                new("web-first-page", "the larger of a first page and a first study, compressed, with what it names",
                    Math.Max(first.Bytes, shared.Bytes) / 1_000.0, "KB", TargetOfFirstPage, false,
                    new Dictionary<string, double> { ["studies_kb"] = first.Bytes / 1_000.0, ["study_kb"] = shared.Bytes / 1_000.0 }),
                new("web-requests", "requests that it takes, beside the line for news",
                    Math.Max(first.Requests, shared.Requests), "count", TargetOfRequests, false, new Dictionary<string, double>()),
                new("web-training", "training speed with an open dashboard, of that without", without / with, "ratio",
                    TargetOfTraining, true, new Dictionary<string, double>
                    {
                        ["with_seconds"] = with, ["without_seconds"] = without, ["processor_with_seconds"] = processorWith,
                        ["processor_without_seconds"] = processorWithout, ["pages_fetched"] = pages,
                        ["runs_at_a_time"] = Environment.ProcessorCount,
                    }),
            ], routes);

            Measurement Slowest(string name, string what, double target, Dictionary<string, double> details, params AddressKind[] kinds)
            {
                var figures = routes.Where(r => kinds.Any(kind => r.Kind == kind.ToString().ToLowerInvariant())).ToList();
                var (alone, busy) = (figures.Max(f => f.AloneMs), figures.Max(f => f.P95Ms));
                return new(name, what, Math.Max(alone, busy), "ms", target, false, new Dictionary<string, double>(details)
                {
                    ["routes"] = figures.Count, ["questions"] = figures.Sum(f => f.Questions),
                    ["longest_ms"] = figures.Max(f => f.LongestMs), ["alone_p95_ms"] = alone, ["busy_p95_ms"] = busy,
                });
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<IReadOnlyList<string>> TokensAsync(int count, CancellationToken cancellation)
    {
        var access = new LedgerAccess(store, new(store, time), time);
        var tokens = new List<string>();
        for (var i = 0; i < count; i++)
        {
            tokens.Add(TokenText.New());
            await access.GrantAsync($"viewer-{i}", AccessRoles.Reader, TokenText.Sha256(tokens[i]), null, null, null, cancellation);
        }
        return tokens;
    }

    /// <summary>As many clients as tokens, each with lines of its own.</summary>
    private sealed class Clients : IDisposable
    {
        public Clients(Uri server, IEnumerable<string> tokens) => All =
        [
            .. tokens.Select(token =>
            {
                var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, ResponseDrainTimeout = TimeSpan.Zero })
                {
                    BaseAddress = server,
                };
                client.DefaultRequestHeaders.Authorization = new("Bearer", token);
                return client;
            }),
        ];

        public IReadOnlyList<HttpClient> All { get; }

        public void Dispose()
        {
            foreach (var client in All)
                client.Dispose();
        }
    }
}
