using System.Collections.Concurrent;
using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Torch.Devices;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Reproductions;

namespace LdcLedger.Cli.Reproductions;

/// <summary>A run that was trained again, beside what the ledger has of it.</summary>
internal sealed record RunAgain(RecordedRun Recorded, RunComparison Comparison)
{
    public string Title => RunTitle.Of(
        Recorded.Planned.Model, Recorded.Planned.Domain, Recorded.Planned.Role, Recorded.Planned.Seed);

    /// <summary>How the comparison came out, in a line.</summary>
    public string Outcome
    {
        get
        {
            var deviation = Comparison.Largest is { } largest
                ? FormattableString.Invariant($"; the largest deviation is {largest.Relative:0.0e+00} at {largest.Place}") : "";
            var (values, words) = (Plural.Of(Comparison.Values, "value"), Comparison.Tolerance.Words);
            if (Comparison.Differences is [var first, ..])
                return $"DIFFERS at {first.Place}: recorded {first.Recorded ?? "nothing"}, found {first.Found ?? "nothing"}; "
                    + $"{Comparison.Differences.Count} of {values} do not agree {words}{deviation}";
            return deviation.Length > 0 ? $"agrees {words}, {values}{deviation}" : $"equal in every bit, {values}";
        }
    }
}

/// <summary>Completed runs of one study, trained again with a display as <c>study run</c> has it.</summary>
internal static class RunsAgain
{
    public static async Task<IReadOnlyList<RunAgain>> OfAsync(
        OpenLedger ledger, StudyProgress study, IReadOnlyList<Guid> runs, ParseResult arguments, string device,
        CancellationToken cancellation)
    {
        var submitted = study.Submitted;
        var places = Places.Of(arguments, submitted);
        using var devices = new TrainingDevices(
            TrainingDevices.Named(device), Environment.ProcessorCount, Path.Combine(DataFolder.FromEnvironment(), "activations"));
        var recorded = new List<RecordedRun>();
        foreach (var run in runs)
            recorded.Add(await RecordedAsync(ledger, submitted, run, cancellation));

        var feed = new ProgressFeed();
        var board = new StudyBoard(runs.Count, [], submitted.Spec.Seeds.Count > 1, TimeProvider.System);
        feed.Reported += board.Tell;
        feed.Said += board.Say;
        if (DeviceArithmetic.CaveatOn(device) is { } caveat)
            Screen.Say(caveat);
        var again = new ConcurrentDictionary<Guid, RunAgain>();
        await StudyDisplay.WhileAsync(board, TimeProvider.System, async () =>
        {
            await Parallel.ForEachAsync(
                recorded, new ParallelOptions { MaxDegreeOfParallelism = devices.RunsAtATime, CancellationToken = cancellation },
                async (run, stop) => again[run.Planned.RunId] = new(
                    run, await RunReproduction.OfAsync(run, places, devices, feed, stop)));
            return true;
        });
        return [.. runs.Select(run => again[run])];
    }

    private static async Task<RecordedRun> RecordedAsync(
        OpenLedger ledger, StudySubmitted study, Guid run, CancellationToken cancellation)
    {
        var facts = (await ledger.Queries.HistoryAsync(run, cancellation)).Select(e => e.KnownFact).ToList();
        var planned = facts.OfType<RunPlanned>().Single();
        return new(
            planned, study.Models.First(m => m.Name == planned.Model), study.Domains.First(d => d.Name == planned.Domain), facts);
    }
}
