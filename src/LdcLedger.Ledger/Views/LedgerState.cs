namespace LdcLedger.Ledger.Views;

/// <summary>How far a ledger and its read models have come, at the moment it was asked.</summary>
/// <param name="Position">Place in the whole ledger up to which the read models contain every event.</param>
/// <param name="Last">Place of the newest event.</param>
/// <param name="Lag">Age of the oldest event that the read models do not contain; null where they contain all.</param>
/// <param name="Leases">Changes whenever a process takes, loses or gives back a lease: what is told of runs and studies may change without
/// an event.</param>
/// <param name="Rules">How many aggregation rules were defined in it: what a name of one means, also in what is asked of an earlier
/// moment.</param>
public sealed record LedgerState(long Position, long Last, TimeSpan? Lag, string Leases, long Rules)
{
    /// <summary>What the process that looks cannot do beside looking, as a sentence without its full stop; null: it does all its
    /// work.</summary>
    public string? Trouble { get; init; }

    /// <summary>How its read models followed it lately, as far as whoever tells this has looked.</summary>
    public LagTrend Trend { get; init; } = LagTrend.None;

    internal StudyMoves Moves { get; init; } = new();

    /// <summary>Changes whenever a study has an event more, or something that belongs to no study happened.</summary>
    public string MovesOf(Guid study) => Moves.Of(study);
}
