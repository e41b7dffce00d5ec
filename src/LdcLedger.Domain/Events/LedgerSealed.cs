namespace LdcLedger.Domain.Events;

/// <summary>The whole ledger up to a position was sealed under one Merkle root (RFC 6962).</summary>
/// <param name="Position">Number of events under the seal.</param>
/// <param name="Root">Lower-case hexadecimal SHA-256.</param>
/// <param name="PreviousRoot">Root of the seal before; null for the first.</param>
public sealed record LedgerSealed(long Position, string Root, string? PreviousRoot) : ILedgerEvent;
