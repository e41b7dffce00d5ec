namespace LdcLedger.Domain.Access;

// Who may look at a ledger over HTTP, and do what: in a stream of the ledger's own, never exported. A token itself is nowhere; its hash is.

/// <summary>A token was made.</summary>
/// <param name="Name">For people; no two tokens that are in force have the same.</param>
/// <param name="Role">One of <see cref="AccessRoles"/>.</param>
/// <param name="Sha256">Of the token, lower-case hexadecimal. 256 of its bits are random, so that it needs no slow hash.</param>
/// <param name="OnlyStudy">The one study that it shows; null: all.</param>
/// <param name="UpToPosition">The last position of that study that it shows; null: whatever comes.</param>
/// <param name="ExpiresUnixSeconds">When it ends; null: when it is revoked.</param>
public sealed record AccessGranted(
    string Name, string Role, string Sha256, Guid? OnlyStudy, long? UpToPosition, long? ExpiresUnixSeconds) : ILedgerEvent;

/// <summary>A token is no longer good, from this moment on.</summary>
public sealed record AccessRevoked(string Name, string Sha256) : ILedgerEvent;
