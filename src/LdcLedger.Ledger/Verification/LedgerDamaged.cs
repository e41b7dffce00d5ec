namespace LdcLedger.Ledger.Verification;

/// <summary>An event is not what was recorded, so nothing is made of it. The message is one sentence that names it.</summary>
public sealed class LedgerDamaged(string message) : Exception(message);
