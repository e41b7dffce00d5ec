namespace LdcLedger.Ledger.Postgres;

/// <summary>
/// The ledger cannot be reached, started or written. The message is one sentence that names the thing and what to do;
/// nothing already recorded is lost.
/// </summary>
public sealed class LedgerUnavailable(string message, Exception? cause = null) : Exception(message, cause);
