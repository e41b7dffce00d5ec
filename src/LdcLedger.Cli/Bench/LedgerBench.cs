using System.CommandLine;
using System.Globalization;
using LdcLedger.Bench.Ledgers;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Settings;
using LdcLedger.Specs;
using LdcLedger.Specs.Resolution;

namespace LdcLedger.Cli.Bench;

/// <summary><c>ldc bench ledger</c>: how fast the machinery around a study is, against its targets.</summary>
internal static class LedgerBench
{
    private const int MostEvents = 1_000_000, MostRuns = 1_000_000, MostRounds = 100, MostRunsOfAStudy = 5_000;

    private static readonly Option<int> Events = new(
        "--events") { Description = "Events that each side of the append comparison records in a round (default: 20000).", HelpName = "N",
        DefaultValueFactory = _ => 20_000 };
    private static readonly Option<int> Runs = new("--runs") { Description = "Runs of the ledger that is listed, "
        + "and at most 5000 of the study that grows (default: 100000).", HelpName = "N", DefaultValueFactory = _ => 100_000 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds in which the sides take turns; "
        + "medians count (default: 5).", HelpName = "N", DefaultValueFactory = _ => 5 };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "ledger",
        """
        Measure appends, relay, stage 2, growth, recording, lists and verification against their targets.
        On a private PostgreSQL that is made for it, or in schemas of its own of the one that LDC_POSTGRES names; gone afterwards.
        With LDC_RABBITMQ the relay is measured over it, with queues of its own; else over a bus in memory.
        Every figure has a target. --at-least says how much of it has to be reached: 1 all of it, 0.5 half (half the ratio, twice the time);
        NAME=X is for one figure alone. A miss exits with 1; without --at-least every miss is only told.
        """,
        Run, Events, Runs, Rounds, TargetShares.AtLeast, Json)
    {
        Examples =
        [
            "ldc bench ledger --at-least 1",
            "ldc bench ledger --at-least 1 stage2-latency=0.5 --json",
            "ldc bench ledger --events 2000 --runs 1000 --rounds 1  # a look, in seconds",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var (events, runs, rounds) = (Within(arguments, Events, 100, MostEvents), Within(arguments, Runs, 1, MostRuns),
            Within(arguments, Rounds, 1, MostRounds));
        var wanted = TargetShares.Of(
            arguments, "append-plain", "append-chained", "relay-latency", "stage2-latency", "plan-growth", "settle-growth",
            "recording-share", "study-list", "run-list");
        var time = TimeProvider.System;
        var broker = BrokerAddress.FromEnvironment();
        if (broker is not null)
            await BrokerState.OfAsync(broker, cancellation);
        await using var server = await BenchServer.OpenAsync(EnvironmentSecret.Read("LDC_POSTGRES"), time, cancellation);
        var measured = new List<Measurement>();
        Screen.Say($"{server.Name}; {broker?.ToString() ?? "a bus in memory"}");

        Screen.Say("appends ...");
        measured.AddRange(await new AppendBench(await server.LedgerAsync("append", cancellation), time)
            .RunAsync(events, rounds, cancellation));
        Screen.Say("relay and stage 2 ...");
        measured.AddRange(await new RelayBench(await server.LedgerAsync("relay", cancellation), broker, time)
            .RunAsync(40 * rounds, Math.Min(48, 8 * rounds), cancellation));
        Screen.Say("growth ...");
        measured.AddRange(await new GrowthBench(await server.LedgerAsync("growth", cancellation), time)
            .RunAsync(Math.Min(runs, MostRunsOfAStudy), rounds, cancellation));
        Screen.Say("recording ...");
        measured.Add(await new RecordingShare(await server.LedgerAsync("recording", cancellation), time)
            .RunAsync(folder => SampleStudy(folder, cancellation), rounds, cancellation));
        Screen.Say("lists ...");
        var lists = await server.LedgerAsync("lists", cancellation);
        measured.AddRange(await new ListBench(lists, time).RunAsync(runs, 20 * rounds, cancellation));
        Screen.Say("verification ...");
        measured.Add(await new VerifyBench(lists, time).RunAsync(Math.Min(rounds, 3), cancellation));

        if (arguments.GetValue(Json))
            Screen.PrintJson(new { server = server.Name, broker = broker?.ToString(), cores = Environment.ProcessorCount, events, runs,
                rounds, measured });
        else
            Print(measured);
        return wanted.Judge(measured);
    }

    internal static StudyIdentity SampleStudy(string folder, CancellationToken cancellation)
    {
        var study = StudyResolution.Of(SpecFile.Read(StudyInit.Write(folder)[^1]), cancellation);
        return new(study.File.Spec, study.Models, study.Domains, study.File.Rule, Fresh: 0);
    }

    internal static void Print(IReadOnlyList<Measurement> measured)
    {
        var table = new TextTable("figure", ">measured", ">target", "", "what");
        foreach (var m in measured)
            table.Add(m.Name, Text(m.Value, m.Unit), $"{(m.IsHigherBetter ? "at least" : "at most")} {Text(m.Target, m.Unit)}", m.IsMet
                ? "met" : "MISSED", m.What);
        Screen.Print(table);
        foreach (var m in measured)
            Screen.Print($"{m.Name}: " + string.Join(", ",
                m.Details.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key} {d.Value:#,0.###}"))));
    }

    private static string Text(double value, string unit) => unit switch
    {
        "share" => string.Create(CultureInfo.InvariantCulture, $"{value:P2}"),
        "ms" => value.ToString(value < 1 ? "0.00' ms'" : "0.#' ms'", CultureInfo.InvariantCulture),
        "KB" => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} KB"),
        "count" => string.Create(CultureInfo.InvariantCulture, $"{value:0}"),
        "MB" => string.Create(CultureInfo.InvariantCulture, $"{value:0} MB"),
        "s" => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} s"),
        "ratio" => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "It is no unit of a figure."),
    };

    internal static int Within(ParseResult arguments, Option<int> option, int least, int most)
    {
        var value = arguments.GetValue(option);
        return value >= least && value <= most
            ? value
            : throw new BadInputException(
                string.Create(CultureInfo.InvariantCulture, $"{option.Name} is {value}; allowed is {least} to {most}."));
    }
}
