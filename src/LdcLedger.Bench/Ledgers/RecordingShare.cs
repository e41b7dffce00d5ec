using LdcLedger.Domain;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Studies;
using LdcLedger.Worker.Artifacts;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Journal;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Runs;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// What share of a training run's time goes into the ledger: runs of a small study are claimed, trained and recorded as a worker does, and
/// the time that they wait for the ledger is told apart. The sample study's runs take seconds, so the share of a real one is smaller.
/// </summary>
public sealed class RecordingShare(LedgerStore store, TimeProvider time)
{
    public const double Target = 0.01;

    /// <param name="studyIn">Writes the study's models and corpora into an empty folder, and says what it is.</param>
    /// <param name="rounds">Runs that count.</param>
    public async Task<Measurement> RunAsync(Func<string, StudyIdentity> studyIn, int rounds, CancellationToken cancellation = default)
    {
        var folder = Directory.CreateTempSubdirectory("ldc-bench-run-").FullName;
        try
        {
            var (shares, lengths, waits) = (new List<double>(), new List<double>(), new List<double>());
            var study = studyIn(folder);
            using var inputs = new RunInputs("cpu");
            for (var round = 0; round <= rounds; round++)
            {
                var (length, waited) = await TrainAsync(store, time, study, inputs, folder, _ => { }, cancellation);
                if (round == 0)
                    continue;   // it loads model and corpus, which the others share
                lengths.Add(length);
                waits.Add(waited);
                shares.Add(waited / length);
            }
            return new(
                "recording-share", "share of a training run's time that it waits for the ledger", Sample.Median(shares),
                "share", Target, false, new Dictionary<string, double>
                {
                    ["run_seconds"] = Sample.Median(lengths), ["recording_seconds"] = Sample.Median(waits), ["runs"] = rounds,
                });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Trains a run of a study that is submitted for it.</summary>
    /// <param name="begins">Is told the study before the run begins.</param>
    /// <returns>Seconds.</returns>
    internal static async Task<(double Length, double Waited)> TrainAsync(
        LedgerStore store, TimeProvider time, StudyIdentity study, RunInputs inputs, string folder, Action<Guid> begins,
        CancellationToken cancellation)
    {
        var writer = new LedgerWriter(store, time);
        var submission = await new StudySubmission(store, writer).SubmitAsync(
            study.Spec, study.Models, study.Domains, study.Rule, fresh: true, cancellation);
        var run = StudyPlan.AllRuns(submission.Study.Submitted, study.Models[0], study.Domains[0].Name)[0];

        begins(submission.Study.Submitted.StudyId);
        var begun = time.GetTimestamp();
        var waited = TimeSpan.Zero;
        var claims = new RunClaims(store, writer);
        var environment = WorkerIdentity.OfThisProcess().EnvironmentOn("cpu", 1);
        var (_, lease) = await claims.ClaimAsync(run, "bench", environment, cancellation: cancellation);
        waited += time.GetElapsedTime(begun);
        await using (lease)
        await using (var recorder =
            new RunRecorder(lease!, new JournalFolder(Path.Combine(folder, "journal")), RunWork.LookInterval, time, _ => { }))
            new RunExecution
            {
                Run = lease!.Run,
                Model = study.Models[0],
                Domain = study.Domains[0],
                Attempt = lease.Attempt,
                Threads = 1,
                Inputs = inputs,
                Artifacts = new ArtifactFolder(Path.Combine(folder, "artifacts")),
                Feed = new ProgressFeed(),
                Record = facts =>
                {
                    var at = time.GetTimestamp();
                    recorder.Record(facts);
                    waited += time.GetElapsedTime(at);
                },
            }.Execute(cancellation);
        return (time.GetElapsedTime(begun).TotalSeconds, waited.TotalSeconds);
    }
}
