using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Processes;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Ledger.Trees;
using LdcLedger.Specs;
using LdcLedger.Specs.Resolution;
using LdcLedger.Worker.Devices;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Cli.Studies;

/// <summary><c>ldc study run SPEC</c>: a whole study in one process, from the spec to the report.</summary>
internal static class StudyRun
{
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Where report, tables, figures and adapters go (default: NAME-out in this folder, after the study's name).",
        HelpName = "DIR",
    };
    private static readonly Option<bool> Fresh = new("--fresh")
    {
        Description = "Start over, even if the same study is already in the ledger.",
    };
    public static readonly Option<string> Device = new("--device")
    {
        Description = "Where to train: cpu (default), cpu:torch, cuda, or cuda:N[,cuda:N], one run at a time on each.",
        HelpName = "D[,D]",
        DefaultValueFactory = _ => "cpu",
    };

    public static Verb Verb() => new(
        "run",
        """
        Run a study to its end: train, measure, evaluate, rank, test, report.
        The same spec again goes on where it stopped; when all is done, it builds the report from the ledger again.
        Ctrl-C stops cleanly: every run keeps a checkpoint (exit code 130).
        Meanwhile `ldc study show` and `ldc run list` can look on from another terminal, and on one with a screen a link to the dashboard is
        printed.
        """,
        Run, StudyValidate.Spec, Out, Fresh, Device, Dashboard.Listen, Dashboard.None)
    {
        Examples = ["ldc study run study.yaml", "ldc study run study.yaml --out results --fresh",
            "ldc study run study.yaml --device cuda:0,cuda:1"],
    };

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(400);

    /// <summary>Who does not lead by then waits for another process.</summary>
    private static readonly TimeSpan LeadTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A ledger whose read models or relay have stopped for so long is not waited for.</summary>
    private static readonly TimeSpan TroubleTimeout = TimeSpan.FromSeconds(20);

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        using var loggers = Log.For(arguments);
        var watched = Dashboard.Of(arguments);
        var spec = SpecFile.Read(arguments.GetValue(StudyValidate.Spec)!);
        var folder = OutFolder.At(arguments.GetValue(Out) ?? $"{spec.Spec.Name}-out");
        var devices = TrainingDevices.Named(arguments.GetValue(Device)!);
        // The server starts while models and corpora are looked at.
        var opening = OpenLedger.OpenAsync(cancellation, loggers);
        ResolvedStudy study;
        try
        {
            if (spec.KnownRule is null)
                spec = SpecFile.Read(spec.Path, await (await opening).Rules.BookAsync(cancellation));
            study = await Task.Run(() => StudyResolution.Of(spec, cancellation), cancellation);
        }
        catch
        {
            await DisposeAsync(opening);
            throw;
        }
        Screen.Say([.. study.Notes, .. study.CorpusNotes]);
        await using var ledger = await opening;
        // Whoever asks from now on learns that somebody is at it.
        var (submission, sign) = await new StudySubmission(ledger.Store, new(ledger.Store, TimeProvider.System)).SubmitAndDriveAsync(
            spec.Spec, study.Models, study.Domains, spec.Rule, arguments.GetValue(Fresh), TimeProvider.System, cancellation);
        await using var driving = sign;
        var retried = await ledger.Store.RetriedAsync(submission.Study, cancellation);
        Screen.Say(retried.Count == 0
            ? submission.Describe()
            : $"study {submission.StudyId} goes on: "
            + $"{retried.Count} of {Plural.Of(submission.Study.Runs.Count, "run")} {(retried.Count == 1 ? "is" : "are")} wanted again");
        var artifacts = Artifacts.FromEnvironment();
        // Where nobody looks at the terminal, nobody would follow the link.
        await using var dashboard = Screen.ShowsProgress ? await watched.BesideAsync(ledger.Store, loggers, cancellation) : null;
        if (!submission.Study.IsEnded || retried.Count > 0)
            await ToItsEnd(
                submission.Study, retried, ledger.Store,
                new(devices) { Places = InputPlaces.Of(study.Models, study.Domains) }, loggers, cancellation);
        var facts = await ledger.Queries.FactsAsync(submission.StudyId, cancellation);
        ResultTables.Print(facts);
        StudyOutput.Write(facts, folder, artifacts, null, cancellation);
        Screen.Print("");
        Screen.Print($"Report: {Path.Combine(folder, "report.pdf")}");
        return EndOf(facts);
    }

    /// <summary>Trains what is left of a study, and seals the ledger over its end.</summary>
    internal static async Task ToItsEnd(
        StudyProgress study, IReadOnlyList<Guid> retried, LedgerStore store, TrainingPart training, ILoggerFactory loggers,
        CancellationToken cancellation)
    {
        await TrainAsync(study, retried, store, training, loggers, cancellation);
        await SealAsync(store, cancellation);
    }

    private static async Task TrainAsync(
        StudyProgress study, IReadOnlyList<Guid> retried, LedgerStore store, TrainingPart training, ILoggerFactory loggers,
        CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        var board = new StudyBoard(Expected(study), Ended(study).Except(retried), study.Submitted.Spec.Seeds.Count > 1, time);
        await using var process = LdcProcess.Of(
            new("study run") { Study = study.StudyId, Leads = true, Training = training }, store, loggers);
        process.Feed.Reported += board.Tell;
        process.Feed.Said += board.Say;
        await process.StartAsync(cancellation);
        var leading = process.Daemon.LeadingAsync(cancellation);
        if (await Task.WhenAny(leading, Task.Delay(LeadTimeout, time, cancellation)) != leading)
            Screen.Say(
                "Another ldc seems to drive this ledger; this one waits until it is done (Ctrl-C leaves, and what was submitted stays).");
        try
        {
            await StudyDisplay.WhileAsync(board, time, () => EndedAsync(study.StudyId, store, board, process, time, cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Screen.Say("Stopping: every run keeps a checkpoint. The same command goes on from there.");
            throw;
        }
    }

    // The process that led may be too busy with leaving to do so. A study is no less complete where it cannot be sealed.
    internal static async Task SealAsync(LedgerStore store, CancellationToken cancellation)
    {
        var time = TimeProvider.System;
        try
        {
            var seal = await new Sealing(store, new(store, time), SealKeys.FromEnvironment(), time).SealAsync(cancellation);
            if (seal.MadeKey is { } made)
                Screen.Say(made);
            Screen.Say(seal.Describe());
        }
        catch (Exception cause) when (cause is SealRefused or BrokenTree or LedgerUnavailable)
        {
            Screen.Say(cause.Message);
        }
    }

    private static async Task<bool> EndedAsync(
        Guid study, LedgerStore store, StudyBoard board, LdcProcess process, TimeProvider time, CancellationToken cancellation)
    {
        using var look = new PeriodicTimer(LookInterval, time);
        var sound = time.GetTimestamp();
        while (true)
        {
            if (process.Daemon.Trouble is null)
                sound = time.GetTimestamp();
            else if (time.GetElapsedTime(sound) > TroubleTimeout)
                throw new FailedException($"the ledger makes no progress: {process.Daemon.Trouble}. Nothing that was recorded is lost; "
                    + "the same command goes on when that is mended.");
            if (process.Broken.IsFaulted)
                await process.Broken;
            if ((await store.StudyAsync(study, cancellation)).State is { } now)
            {
                // A run says how it ended a moment after the ledger knows.
                var retried = await store.RetriedAsync(now, cancellation);
                if (now.IsEnded && retried.Count == 0 && !board.IsActive)
                    return true;
                board.Correct(Expected(now), Ended(now).Except(retried));
            }
            await look.WaitForNextTickAsync(cancellation);
        }
    }

    internal static IEnumerable<Guid> Ended(StudyProgress study) => study.Runs.Where(r => r.Value is not null).Select(r => r.Key);

    /// <summary>
    /// Runs that the study will have: those planned, and for cells without stage 2 yet, under each of its rules, as many as it can come to.
    /// </summary>
    internal static int Expected(StudyProgress study)
    {
        var open = study.Submitted.Models.Count * study.Submitted.Domains.Count * study.Rules.Count - study.Stage2.Count;
        return study.Runs.Count + StudyPlan.Count(study.Submitted.Spec, open).Stage2;
    }

    internal static int EndOf(StudyFacts facts)
    {
        var failed = facts.Runs.Where(r => r.Status is RunStatuses.Failed or RunStatuses.Abandoned or RunStatuses.Cancelled).ToList();
        if (failed.Count == 0)
            return ExitCodes.Done;
        Screen.Say($"{failed.Count} of {Plural.Of(facts.Runs.Count, "run")} did not complete:");
        foreach (var run in failed)
            Screen.Say($"  {RunTitle.Of(run.Model, run.Domain, run.Role, run.Seed)} {run.Status}: "
                + $"{run.Reason} (`ldc run retry {run.Id.ToString()[..8]}`, then the same command, tries it again)");
        return ExitCodes.Failed;
    }

    private static async Task DisposeAsync(Task<OpenLedger> opening)
    {
        try
        {
            await using var opened = await opening;
        }
        catch (Exception unused) when (unused is not OutOfMemoryException)
        {
            // What is wrong with the spec is told first.
        }
    }
}
