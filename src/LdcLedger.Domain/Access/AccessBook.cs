namespace LdcLedger.Domain.Access;

/// <summary>What the holder of a token may do.</summary>
public sealed record AccessRole(string Name, string Words) : INamed;

public static class AccessRoles
{
    public const string Reader = "reader";
    public const string Operator = "operator";

    public static readonly NamedRows<AccessRole> Rows = new("role",
        new(Reader, "sees everything that its token shows"),
        new(Operator, "sees everything, and asks for what the command line can ask for"));
}

/// <summary>A token as it stands.</summary>
public sealed record Grant(AccessGranted Granted, DateTimeOffset At, DateTimeOffset? RevokedAt)
{
    /// <summary>What it is called in sessions and logs: no secret, and enough to tell it from others.</summary>
    public string Id => Granted.Sha256[..16];

    public DateTimeOffset? Expires => Granted.ExpiresUnixSeconds is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    public bool IsInForce(DateTimeOffset now) => RevokedAt is null && (Expires is null || now < Expires);
}

/// <summary>The tokens of a ledger, in the order in which they were made: the fold of its stream. Pure.</summary>
public sealed record AccessBook(IReadOnlyList<Grant> All)
{
    public static readonly AccessBook Empty = new([]);

    private const int LongestName = 60;

    public static AccessBook Evolve(AccessBook book, ILedgerEvent fact, DateTimeOffset at) => fact switch
    {
        AccessGranted granted => new([.. book.All, new(granted, at, null)]),
        AccessRevoked revoked => new([.. book.All.Select(g =>
            g.Granted.Sha256 == revoked.Sha256 && g.RevokedAt is null ? g with { RevokedAt = at } : g)]),
        _ => book,
    };

    /// <summary>The token that a text is, by its hash; null where it is none that is in force.</summary>
    public Grant? Find(string sha256, DateTimeOffset now) => All.FirstOrDefault(g => g.Granted.Sha256 == sha256 && g.IsInForce(now));

    /// <summary>By <see cref="Grant.Id"/>.</summary>
    public Grant? FindById(string id, DateTimeOffset now) => All.FirstOrDefault(g => g.Id == id && g.IsInForce(now));

    /// <summary>By what it is called; of one name there is but one that is in force.</summary>
    public Grant? FindByName(string name, DateTimeOffset now) => All.FirstOrDefault(g => g.Granted.Name == name && g.IsInForce(now));

    /// <summary>The fact that a token is made, if it may be.</summary>
    /// <exception cref="RuleViolation">There is such a name, no such role, or a bound that says nothing.</exception>
    public AccessGranted Grant(
        string name, string role, string sha256, Guid? study, long? position, DateTimeOffset? expires, DateTimeOffset now)
    {
        if (name.Length is 0 or > LongestName || name.Any(c => !char.IsLetterOrDigit(c) && !"-_.@ ".Contains(c, StringComparison.Ordinal)))
            throw new RuleViolation(
                $"'{name}' is no name for a token: letters, digits, spaces and -_.@ are allowed, at most {LongestName} of them.");
        if (All.Any(g => g.Granted.Name == name && g.IsInForce(now)))
            throw new RuleViolation($"There is a token '{name}' already; `ldc token revoke` ends it, or take another name.");
        if (AccessRoles.Rows[role].Name == AccessRoles.Operator && study is not null)
            throw new RuleViolation("An operator is not bound to a study; --study and --at go with --role reader.");
        if (position is not null && study is null)
            throw new RuleViolation("--at is a position of a study; it goes with --study.");
        if (expires <= now)
            throw new RuleViolation("The token would have expired already.");
        return new(name, role, sha256, study, position, expires?.ToUnixTimeSeconds());
    }

    /// <summary>The fact that a token ends.</summary>
    /// <exception cref="RuleViolation">No token of that name is in force.</exception>
    public AccessRevoked Revoke(string name, DateTimeOffset now) =>
        All.LastOrDefault(g => g.Granted.Name == name && g.IsInForce(now)) is { } grant ? new(name, grant.Granted.Sha256)
            : throw new RuleViolation($"There is no token '{name}' in force; `ldc token list` shows them.");
}
