using System.Text.Json;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Checks;

namespace LdcLedger.Web.Views;

/// <summary>What pages and API have in common, beside the ledger.</summary>
/// <param name="Keys">Whose signatures under seals are trusted; null: nobody's.</param>
/// <param name="Findings">What has to work on this machine, looked at now.</param>
/// <param name="Document">The API's own description.</param>
public sealed record WebParts(
    Cursor Cursor, Func<IReadOnlyList<PublicSealKey>?> Keys, ShownReports Reports, RunComparisons Comparisons,
    Func<CancellationToken, Task<IReadOnlyList<Finding>>> Findings, Func<CancellationToken, Task<JsonElement>> Document);
