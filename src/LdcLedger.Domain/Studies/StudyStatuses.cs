namespace LdcLedger.Domain.Studies;

/// <summary>Where a study stands.</summary>
/// <param name="IsStored">Whether events say so; else leases tell it when it is asked for, and it is never stored.</param>
public sealed record StudyStatus(string Name, bool IsStored = true) : INamed;

/// <summary>Who has to do with a study right now, by the leases that living processes hold.</summary>
/// <param name="IsAtRest">It was imported, and nobody has asked for it here.</param>
/// <param name="IsLed">A process leads this study alone: it trains its runs itself.</param>
/// <param name="AllAreLed">A process leads every study of the ledger, and leaves training to workers.</param>
/// <param name="IsDriven">A process is there that would lead this study alone.</param>
/// <param name="AllAreDriven">One is there that would lead every study.</param>
/// <param name="SomebodyLeads">Some process leads, whatever it is.</param>
/// <param name="HasWorker">A living process has one of the study's runs.</param>
public sealed record StudyLeases(
    bool IsAtRest, bool IsLed, bool AllAreLed, bool IsDriven, bool AllAreDriven, bool SomebodyLeads, bool HasWorker);

/// <summary>Everything that can be said of where a study stands, a row for each.</summary>
public static class StudyStatuses
{
    public const string Running = "running";
    public const string Waiting = "waiting";
    public const string Interrupted = "interrupted";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";

    public static readonly NamedRows<StudyStatus> Rows = new("status of a study",
        new(Running), new(Waiting, IsStored: false), new(Interrupted, IsStored: false), new(Completed), new(Cancelled));

    /// <summary>
    /// A study, told by the leases of the moment: <c>running</c> while somebody leads it and works on it, <c>waiting</c> while nobody works
    /// but a living process will see to it, <c>interrupted</c> while nobody would. What has ended stays as it is.
    /// </summary>
    /// <returns>The status, and where it is not the stored one why, as a sentence without its full stop.</returns>
    public static (string Status, string? Why) Told(string stored, StudyLeases leases)
    {
        if (stored == Running && leases.IsAtRest)
            return (Interrupted, "it was imported and is at rest; `ldc study run SPEC` goes on with it");
        if (stored != Running || leases.IsLed)
            return (stored, null);
        if (leases.AllAreLed || leases.AllAreDriven && !leases.SomebodyLeads)
            return leases.HasWorker ? (Running, null) : (Waiting, "no worker has one of its runs; `ldc workers` shows who is there");
        if (leases.IsDriven && !leases.SomebodyLeads)
            return (Running, null);   // about to lead
        return leases.IsDriven || leases.AllAreDriven
            ? (Waiting, "another ldc leads this ledger; the study goes on when that one is done")
            : (Interrupted, (leases.HasWorker ? "a worker still has one of its runs, but " : "")
                + "no process leads it; `ldc study run SPEC`, or on a cluster `ldc serve`, goes on with it");
    }
}
