using System.CommandLine;
using System.Globalization;
using LdcLedger.Bench.Dashboards;
using LdcLedger.Bench.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Settings;

namespace LdcLedger.Cli.Bench;

/// <summary><c>ldc bench web</c>: how the dashboard and the API of a large ledger answer, against their targets.</summary>
internal static class WebBenchVerb
{
    private static readonly Option<int> Runs = new("--runs")
    {
        Description = "Runs of the ledger that is looked at (default: 100000).", HelpName = "N", DefaultValueFactory = _ => 100_000,
    };
    private static readonly Option<int> Viewers = new("--viewers")
    {
        Description = "Who ask at the same time (default: 8).", HelpName = "N", DefaultValueFactory = _ => 8,
    };
    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long each route is asked (default: 3); the other figures are taken longer, too.",
        HelpName = "S", DefaultValueFactory = _ => 3,
    };
    private static readonly Option<string> Route = new("--route")
    {
        Description = "Only routes that contain this; nothing else is measured.", HelpName = "TEXT",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "web",
        """
        Measure the dashboard and its API: every page and GET over HTTP, news, many viewers, the first page, training beside it.
        On a private PostgreSQL that is made for it, or in a schema of its own of the one that LDC_POSTGRES names; gone afterwards.
        Every figure has a target; --at-least works as in `ldc bench ledger`.
        """,
        Run, Runs, Viewers, Seconds, Route, TargetShares.AtLeast, Json)
    {
        Examples =
        [
            "ldc bench web --at-least 1",
            "ldc bench web --runs 600 --seconds 0.1  # a look, in seconds",
            "ldc bench web --runs 20000 --route /map  # what was just made faster",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var (runs, viewers) = (LedgerBench.Within(arguments, Runs, 100, 1_000_000), LedgerBench.Within(arguments, Viewers, 1, 100));
        var seconds = arguments.GetValue(Seconds);
        if (!(seconds is >= 0.01 and <= 600))
            throw new BadInputException(
                string.Create(CultureInfo.InvariantCulture, $"--seconds is {seconds}; allowed is 0.01 to 600."));
        var wanted = TargetShares.Of(
            arguments, "web-pages", "web-answers", "web-frozen", "web-long", "web-news", "web-many", "web-first-page", "web-requests",
            "web-training");
        var time = TimeProvider.System;
        await using var server = await BenchServer.OpenAsync(EnvironmentSecret.Read("LDC_POSTGRES"), time, cancellation);
        Screen.Say(server.Name);
        var bench = new DashboardBench(
            await server.LedgerAsync("web", cancellation), runs, viewers, seconds, arguments.GetValue(Route), time);
        var (measured, routes) = await bench.RunAsync(
            folder => LedgerBench.SampleStudy(folder, cancellation), Screen.Say, cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                server = server.Name, cores = Environment.ProcessorCount, runs, viewers, seconds, measured, routes,
            });
        else
        {
            Print(routes);
            LedgerBench.Print(measured);
        }
        return wanted.Judge(measured);
    }

    private static void Print(IReadOnlyList<RouteFigure> routes)
    {
        var table = new TextTable(
            "route", "kind", ">asked", ">median ms", ">p95 ms", ">longest ms", ">processor ms", ">alone p95 ms", ">KB");
        foreach (var route in routes)
            table.Add(
                route.Route, route.Kind, Text(route.Questions), Text(route.MedianMs), Text(route.P95Ms), Text(route.LongestMs),
                Text(route.ProcessorMs), Text(route.AloneMs), string.Create(CultureInfo.InvariantCulture, $"{route.Bytes / 1_000.0:0.0}"));
        Screen.Print(table);
    }

    private static string Text(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0}");
}
