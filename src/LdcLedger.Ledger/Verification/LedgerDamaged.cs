using System.Globalization;

namespace LdcLedger.Ledger.Verification;

/// <summary>An event is not what was recorded, so nothing is made of it. The message is one sentence that names it.</summary>
public sealed class LedgerDamaged(string message) : Exception(message)
{
    /// <param name="what">What cannot be, as a clause.</param>
    public static LedgerDamaged Because(string what) => new($"{what}; `ldc ledger verify` says what is not as it was recorded.");

    /// <summary>One whose data is no event of its type.</summary>
    /// <param name="sequence">Its place in the whole ledger.</param>
    public static LedgerDamaged Unreadable(long sequence, string type) =>
        Because(string.Create(CultureInfo.InvariantCulture, $"Event {sequence} ({type}) states nothing that such an event can"));
}
