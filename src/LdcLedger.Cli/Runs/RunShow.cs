using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;

namespace LdcLedger.Cli.Runs;

/// <summary><c>ldc run show RUN</c>: a run and its events, which every number of a report can be traced to.</summary>
internal static class RunShow
{
    public static readonly Argument<string> RunArgument = new("RUN") { Description = "A run's id, or an unambiguous prefix of it." };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("show", "Show a run with the history of its events.\nEvery number of a report can be traced to these; --json shows them "
            + "whole, as the ledger holds them.", Run, RunArgument,
            AsOfOption.OfStudy, Json)
    {
        Examples = ["ldc run show 9c1d04ab", "ldc run show 9c1d04ab --json | jq '.events[] | select(.type == \"layer_norm_measured\")'"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var named = arguments.GetValue(RunArgument)!;
        RunSummary run;
        IReadOnlyList<LedgerEvent> history;
        if (AsOfOption.Of(arguments) is { } asOf)
        {
            (run, var moment, history) = await ledger.Past.FindRunAsync(named, asOf, cancellation);
            AsOfOption.Say(moment);
        }
        else
        {
            run = await ledger.Queries.FindRunAsync(named, cancellation);
            history = await ledger.Queries.HistoryAsync(run.Id, cancellation);
        }
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                run,
                events = history.Select(e => new
                {
                    e.Sequence, e.Version, e.Type, e.Id, e.Timestamp, e.Causation, data = JsonDocument.Parse(e.Data).RootElement, e.Chain,
                }),
            });
        else
            Print(run, history);
        return ExitCodes.Done;
    }

    private static void Print(RunSummary run, IReadOnlyList<LedgerEvent> history)
    {
        var environment = run.Environment;
        var facts = new (string Name, string Value)[]
        {
            ("run", run.Id.ToString()),
            ("study", run.StudyId.ToString()),
            ("what", RunTitle.Of(run.Model, run.Domain, run.Role, run.Seed)),
            ("tuning", run.Tuning.Length == 0 ? "none: the pretrained model" : run.Tuning),
            ("status", $"{run.Status}{(Why(run) is { } reason ? $": {reason}" : "")}"),
            ("attempt", $"{run.Attempt}{(run.Worker is { } worker ? $", worker {worker}" : "")}"),
            ("arithmetic", environment?.Libtorch ?? "-"),
            ("machine", environment is null ? "-" : MachineOf(environment)),
            ("result", Result(run)),
        };
        foreach (var (name, value) in facts)
            Screen.Print($"{name,-10} {value}");
        Screen.Print("");
        var events = new TextTable(">#", "time (UTC)", "event", "what it states");
        foreach (var e in history)
            events.Add(
                e.Version.ToString(CultureInfo.InvariantCulture),
                e.Timestamp.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
                e.Type, e.Sentence);
        Screen.Print(events);
    }

    private static string? Why(RunSummary run) => run.Status == RunStatuses.Interrupted
        ? "no living process has it; it goes on from its last checkpoint when its study does" : run.Reason;

    private static string MachineOf(WorkerEnvironment on) =>
        $"{on.Device}, {Plural.Of(on.Threads, "thread")}, {on.Processor}, {on.OperatingSystem}, {on.Runtime}";

    private static string Result(RunSummary run)
    {
        var parts = new[]
        {
            run.TrainLossNats is { } loss ? $"loss {loss.ToString("0.0000", CultureInfo.InvariantCulture)} nats" : "",
            run.Perplexity is { } ppl ? $"held-out PPL {ppl.ToString("0.0000", CultureInfo.InvariantCulture)}" : "",
            run.Steps > 0 ? Plural.Of(run.Steps, "step") : "",
            run.TrainedTokens > 0 ? Plural.Of(run.TrainedTokens, "token") : "",
            run.Seconds is { } seconds ? $"{seconds.ToString("0.0", CultureInfo.InvariantCulture)} s" : "",
        };
        var result = string.Join(", ", parts.Where(p => p.Length > 0));
        return result.Length == 0 ? "-" : result;
    }
}
