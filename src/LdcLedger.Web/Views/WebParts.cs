using LdcLedger.Ledger.Chain;

namespace LdcLedger.Web.Views;

/// <summary>What pages and API have in common, beside the ledger.</summary>
/// <param name="Keys">Whose signatures under seals are trusted; null: nobody's.</param>
public sealed record WebParts(
    Cursor Cursor, Func<IReadOnlyList<PublicSealKey>?> Keys, ShownReports Reports, RunComparisons Comparisons);
