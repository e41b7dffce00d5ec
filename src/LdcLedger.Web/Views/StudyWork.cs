using LdcLedger.Domain.Runs;

namespace LdcLedger.Web.Views;

/// <summary>What one worker did of a study.</summary>
/// <param name="Devices">Those that it trained on.</param>
/// <param name="Attempts">In the order in which they began.</param>
public sealed record WorkOfWorker(string Worker, IReadOnlyList<string> Devices, IReadOnlyList<RunAttempt> Attempts)
{
    public double Seconds => Attempts.Sum(attempt => attempt.Seconds);

    /// <summary>Lost with workers that vanished.</summary>
    public double SilentSeconds => Attempts.Sum(attempt => attempt.SilentSeconds ?? 0);
}

/// <summary>Who trained what of a study, and when.</summary>
public sealed record StudyWork(IReadOnlyList<RunAttempt> Attempts)
{
    public static async Task<StudyWork> OfAsync(View view, ShownStudy study) => new(
        await view.Ledger.AttemptsAsync(study.Id, study.Moment?.Sequence ?? view.State.Position, view.Cancellation));

    public IReadOnlyList<WorkOfWorker> Workers =>
    [
        .. Attempts.GroupBy(attempt => attempt.Worker).OrderBy(worker => worker.Key, StringComparer.Ordinal).Select(worker =>
            new WorkOfWorker(
                worker.Key,
                [.. worker.Select(attempt => $"{attempt.Device} of {attempt.Host}").Distinct().Order(StringComparer.Ordinal)],
                [.. worker])),
    ];
}
