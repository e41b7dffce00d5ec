using System.CommandLine;
using LdcLedger.Ledger.Settings;
using LdcLedger.Bench.Ledgers;
using LdcLedger.Cli.Terminal;

namespace LdcLedger.Cli.Bench;

/// <summary><c>ldc bench replay</c>: how fast a large study is replayed under four rules, against its targets.</summary>
internal static class ReplayBenchVerb
{
    private static readonly Option<int> Events = new("--events") { Description = "LayerNormMeasured events of the study (default: 1000000).",
        HelpName = "N", DefaultValueFactory = _ => 1_000_000 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds in which the sides take turns; "
        + "medians count (default: 3).", HelpName = "N", DefaultValueFactory = _ => 3 };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "replay",
        """
        Measure a replay: a study's events folded under four rules at once, with all tables and figures.
        On a private PostgreSQL that is made for it, or in a schema of its own of the one that LDC_POSTGRES names; gone afterwards.
        Every figure has a target; --at-least works as in `ldc bench ledger`.
        """,
        Run, Events, Rounds, TargetShares.AtLeast, Json)
    {
        Examples =
        [
            "ldc bench replay --at-least 1",
            "ldc bench replay --events 20000 --rounds 1  # a look, in seconds",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var events = LedgerBench.Within(arguments, Events, 200, 10_000_000);
        var rounds = LedgerBench.Within(arguments, Rounds, 1, 100);
        var wanted = TargetShares.Of(arguments, "replay-time", "replay-share");
        var time = TimeProvider.System;
        await using var server = await BenchServer.OpenAsync(EnvironmentSecret.Read("LDC_POSTGRES"), time, cancellation);
        Screen.Say($"{server.Name}; a study is being written ...");
        var measured = await new ReplayBench(await server.LedgerAsync("replay", cancellation), time).RunAsync(events, rounds, cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new { server = server.Name, cores = Environment.ProcessorCount, events, rounds, measured });
        else
            LedgerBench.Print(measured);
        return wanted.Judge(measured);
    }
}
