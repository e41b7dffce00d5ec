namespace LdcLedger.Domain.Events;

/// <summary>The first events of the whole ledger were sealed under one Merkle root (RFC 6962), and the root was signed.</summary>
/// <param name="Position">Number of events under the seal, in ledger order; the seal itself is under the next one.</param>
/// <param name="Root">Lower-case hexadecimal SHA-256.</param>
/// <param name="PreviousPosition">Number of events under the seal before; 0 for the first.</param>
/// <param name="PreviousRoot">Root of the seal before; null for the first.</param>
/// <param name="Consistency">
/// Proof (RFC 6962 section 2.1.2, hexadecimal) that this tree begins with the one before; empty for the first.
/// </param>
/// <param name="Checkpoint">Origin, position and root as a C2SP checkpoint: a text that is signed and can be kept elsewhere.</param>
public sealed record LedgerSealed(
    long Position, string Root, long PreviousPosition, string? PreviousRoot, IReadOnlyList<string> Consistency, string Checkpoint)
    : ILedgerEvent;
