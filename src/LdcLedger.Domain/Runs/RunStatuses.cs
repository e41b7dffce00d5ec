namespace LdcLedger.Domain.Runs;

/// <summary>How a run can end.</summary>
public static class Outcomes
{
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string Abandoned = "abandoned";
}

/// <summary>Where a run stands.</summary>
/// <param name="IsEnded">Whether it is one of <see cref="Outcomes"/>.</param>
/// <param name="WhyMissing">Why its numbers are not in a table; null where they are.</param>
/// <param name="IsStored">Whether events say so. What only leases tell is true when it is asked for, and not a moment later: it is never
/// stored, and no report has it.</param>
public sealed record RunStatus(string Name, bool IsEnded, string? WhyMissing, bool IsStored = true) : INamed;

/// <summary>Everything that can be said of where a run stands, a row for each.</summary>
public static class RunStatuses
{
    public const string Planned = "planned";
    public const string Running = "running";
    public const string Interrupted = "interrupted";
    public const string Completed = Outcomes.Completed;
    public const string Failed = Outcomes.Failed;
    public const string Cancelled = Outcomes.Cancelled;
    public const string Abandoned = Outcomes.Abandoned;

    public static readonly NamedRows<RunStatus> Rows = new("status of a run",
        new(Planned, IsEnded: false, "not started"),
        new(Running, IsEnded: false, "still running"),
        new(Interrupted, IsEnded: false, "interrupted", IsStored: false),
        new(Completed, IsEnded: true, null),
        new(Failed, IsEnded: true, "failed"),
        new(Cancelled, IsEnded: true, "cancelled"),
        new(Abandoned, IsEnded: true, "abandoned"));

    public static IReadOnlyList<string> All => Rows.Names;

    /// <summary>A run that an attempt has, told by whether a living process holds its lease.</summary>
    public static string Told(string stored, bool isHeld) => stored == Running && !isHeld ? Interrupted : stored;
}
