namespace LdcLedger.Ledger.Store;

/// <summary>
/// Somebody else appended to a stream between reading it and appending to it. Nothing was recorded: read again and decide again.
/// </summary>
public sealed class LedgerConflict(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>
    /// How often something is decided again. Somebody else is faster once or twice; what is still refused then will be for ever.
    /// </summary>
    public const int MostTries = 20;
}
