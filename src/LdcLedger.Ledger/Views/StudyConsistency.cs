using LdcLedger.Domain;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.Views;

/// <summary>
/// That a study at one position begins with all that it was at an earlier one: an RFC 6962 consistency proof between two of its roots, such
/// as those that two reports cite.
/// </summary>
/// <param name="Proof">Hashes, in the order of RFC 6962; none where both positions are one.</param>
public sealed record StudyConsistency(
    Guid StudyId, long FromPosition, string FromRoot, long ToPosition, string ToRoot, IReadOnlyList<string> Proof)
{
    /// <exception cref="RuleViolation">They are in no order.</exception>
    public static async Task<StudyConsistency> OfAsync(
        LedgerStore store, StudyMoment from, StudyMoment to, CancellationToken cancellation = default)
    {
        if (from.Position > to.Position)
            throw new RuleViolation($"Position {from.Position} comes after position {to.Position}; a proof leads from the earlier on.");
        await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
        var (tree, _, _) = await StudyTree.OpenAsync(connection, store, from.StudyId, to.Sequence, cancellation);
        var proof = from.Position == to.Position ? []
            : await tree.ConsistencyAsync(from.Position, to.Position, cancellation);
        return new(
            from.StudyId, from.Position, Convert.ToHexStringLower(await tree.RootAsync(from.Position, cancellation)),
            to.Position, Convert.ToHexStringLower(await tree.RootAsync(to.Position, cancellation)),
            [.. proof.Select(Convert.ToHexStringLower)]);
    }
}
