using System.CommandLine;
using LdcLedger.Cli.Processes;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Worker.Journal;
using LdcLedger.Worker.Progress;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc study watch STUDY</c>: looks on until the study has ended; a ledger that goes away is waited for.</summary>
internal static class StudyWatch
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    public static Verb Verb() =>
        new("watch",
            "Watch a study live until it has ended: what is done, what each worker does. Ctrl-C stops watching, not the study.", Run,
            StudyShow.Study)
    {
        Examples = ["ldc study watch demo"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        var id = (await ledger.Queries.FindStudyAsync(arguments.GetValue(StudyShow.Study)!, cancellation)).Id;
        var study = (await ledger.Store.StudyAsync(id, cancellation)).State!;
        if (await ledger.Store.IsAtRestAsync(id, cancellation) && !study.IsEnded)
            throw new BadInputException(
                $"study {id} was imported and is at rest, so there is nothing to watch; `ldc study run SPEC` goes on with it.");
        var board = new StudyBoard(StudyRun.Expected(study), StudyRun.Ended(study), study.Submitted.Spec.Seeds.Count > 1, time);
        var hasEnded = study.IsEnded && (await ledger.Store.RetriedAsync(study, cancellation)).Count == 0;
        if (!hasEnded)
            Screen.Say($"watching study {study.Summary.Name} ({NameBasedGuid.Short(id)}) until it has ended");
        var ended = hasEnded ? study
            : await StudyDisplay.WhileAsync(board, time, () => new Watching(ledger, board, study).ToItsEndAsync(time, cancellation));
        var summary = ended.Summary;
        var ends = RunStatuses.Rows.All.Where(s => s.IsEnded)
            .Select((s, i) => i == 0 ? $"{Plural.Of(summary.Count(s.Name), "run")} {s.Name}" : $"{summary.Count(s.Name)} {s.Name}");
        Screen.Say($"study {summary.Name} ({NameBasedGuid.Short(id)}) {summary.Status}: {string.Join(", ", ends)}");
        foreach (var lacking in ended.Runs.Values.OfType<RunSettled>()
            .Where(r => r.Outcome != Outcomes.Completed).OrderBy(r => r.Model).ThenBy(r => r.Domain).ThenBy(r => r.Role))
            Screen.Say($"  {RunTitle.Of(lacking.Model, lacking.Domain, lacking.Role, lacking.Seed)} {lacking.Outcome}: {lacking.Reason}");
        return summary.Status == StudyStatuses.Completed && summary.CompletedRuns == summary.PlannedRuns
            ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>Compares each look with the one before, and tells the board what is new.</summary>
    private sealed class Watching(OpenLedger ledger, StudyBoard board, StudyProgress before)
    {
        private readonly WorkerRegister _register = new(ledger.Store);
        private readonly Dictionary<Guid, RunPlanned> _runs = [];
        private readonly HashSet<Guid> _settled = [.. before.Runs.Where(r => r.Value is not null).Select(r => r.Key)];
        private bool _away;
        private string? _why;

        public async Task<StudyProgress> ToItsEndAsync(TimeProvider time, CancellationToken cancellation)
        {
            using var rhythm = new PeriodicTimer(LookInterval, time);
            while (true)
            {
                try
                {
                    var study = (await ledger.Store.StudyAsync(before.StudyId, cancellation)).State!;
                    if (_away)
                        board.Say("the ledger is back");
                    _away = false;
                    await LookAsync(study, cancellation);
                    await SayWhyNotAsync(study, cancellation);
                    // A retried run does not reopen its study; it settles once more.
                    if (study.IsEnded && (await ledger.Store.RetriedAsync(study, cancellation)).Count == 0)
                        return study;
                }
                catch (Exception cause) when (LedgerAbsence.Is(cause))
                {
                    if (!_away)
                        board.Say($"the ledger cannot be reached ({cause.Message.TrimEnd('.')}); waiting for it");
                    _away = true;
                }
                await rhythm.WaitForNextTickAsync(cancellation);
            }
        }

        /// <summary>Says once that nobody works on the study, and why; and once that somebody does again.</summary>
        private async Task SayWhyNotAsync(StudyProgress study, CancellationToken cancellation)
        {
            var (told, why) = await ledger.Queries.StandingAsync(study.Summary, cancellation);
            if (why == _why)
                return;
            board.Say($"the study is {told.Status}{(why is null ? "" : $": {why}")}");
            _why = why;
        }

        private async Task LookAsync(StudyProgress study, CancellationToken cancellation)
        {
            foreach (var (sign, ago) in await _register.AllAsync(cancellation))
                if (ago < WorkerRegister.SignTimeout.TotalSeconds && sign.Run is { } run && study.Runs.TryGetValue(run, out var settled)
                    && settled is null && WorkerSigns.PhaseOf(sign.Doing) is { } phase)
                    board.Tell(new(
                        await PlannedAsync(run, cancellation),
                        phase,
                        sign.Step, sign.Steps, null, sign.TokensPerSecond,
                        sign.SecondsLeft is { } left ? TimeSpan.FromSeconds(left) : null));
            foreach (var (run, settled) in study.Runs)
                if (settled is not null && _settled.Add(run))
                {
                    var planned = await PlannedAsync(run, cancellation);
                    board.Tell(new(planned, RunPhase.Preparing, 0, 0));   // also one that came and went between two looks
                    board.Tell(new(
                        planned, RunPhase.Ended, 0, 0, Perplexity: settled.Perplexity,
                        Outcome: settled.Outcome == Outcomes.Completed ? RunStatuses.Completed : $"{settled.Outcome}: {settled.Reason}"));
                }
            board.Correct(StudyRun.Expected(study), StudyRun.Ended(study));
        }

        private async Task<RunPlanned> PlannedAsync(Guid run, CancellationToken cancellation)
        {
            if (!_runs.TryGetValue(run, out var planned))
                _runs[run] = planned = (await ledger.Store.RunAsync(run, cancellation)).State!.Planned;
            return planned;
        }
    }
}
