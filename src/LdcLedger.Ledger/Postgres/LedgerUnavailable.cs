namespace LdcLedger.Ledger.Postgres;

/// <summary>
/// The ledger cannot be reached, started or written. The message is one sentence that names the thing and what to do;
/// nothing already recorded is lost.
/// </summary>
public sealed class LedgerUnavailable(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The setting that names it cannot be read: bad input, the command line ends with code 2 instead of 1.</summary>
    public bool IsSetting { get; init; }
}
