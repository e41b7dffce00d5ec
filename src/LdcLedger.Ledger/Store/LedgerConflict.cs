namespace LdcLedger.Ledger.Store;

/// <summary>
/// Somebody else appended to a stream between reading it and appending to it. Nothing was recorded: read again and decide again.
/// </summary>
public sealed class LedgerConflict(string message, Exception? cause = null) : Exception(message, cause);
