using System.Security.Cryptography;
using System.Text;
using LdcLedger.Domain.Access;
using LdcLedger.Ledger.Access;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace LdcLedger.Web.Access;

/// <summary>Who the sender of a request is: by a bearer token, or by the session that its cookie names.</summary>
/// <param name="isOpen">Whether whoever names nothing is a reader.</param>
/// <param name="userHeader">The header in which a proxy says who somebody is, whom it has let in: whoever has a token of that name. Null:
/// nobody says so, and no header counts.</param>
public sealed class Viewers(LocalToken local, LedgerAccess access, Sessions sessions, bool isOpen, string? userHeader, TimeProvider time)
{
    /// <summary>Whoever may read the token file of this machine, or followed a login link that was made with it.</summary>
    public static readonly Viewer Local = new("this machine", Role.Operator, "local");

    /// <summary>Everybody, where nobody is asked who they are.</summary>
    private static readonly Viewer Everybody = new("everybody", Role.Reader, "everybody");

    private const string Bearer = "Bearer ";

    private int _failures;

    /// <summary>How often a token or a session was shown that is none, since this was last asked.</summary>
    public int TakeFailures() => Interlocked.Exchange(ref _failures, 0);

    /// <summary>What somebody is told whom nobody knows.</summary>
    public string SignInSentence => userHeader is null ? "Sign in first: `ldc web link` prints a link."
        : "Nobody has let you in yet: `ldc token add NAME`, with the name that the proxy knows you by, does.";

    /// <returns>Null where there is none; and whether a cookie said so, or a proxy, which a browser makes them do whoever made
    /// it ask.</returns>
    public async Task<(Viewer? Viewer, bool ByCookie)> OfAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
            return (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                ? await ByTextAsync(authorization[Bearer.Length..].Trim(), context.RequestAborted) : Failed(), false);
        if (userHeader is not null && context.Request.Headers[userHeader] is { Count: > 0 } named)
            return (await ByNameAsync(named is [{ Length: > 0 } only] ? only : null, context.RequestAborted), true);
        if (sessions.TokenOf(context) is { } id)
            return (await ByIdAsync(id, context.RequestAborted) ?? Failed() ?? Nobody, true);
        return (Nobody, isOpen);
    }

    /// <summary>By the token itself.</summary>
    public async Task<Viewer?> ByTextAsync(string text, CancellationToken cancellation)
    {
        if (!TokenText.IsWhole(text))
            return Failed();
        if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(local.Text)))
            return Local;
        // By its hash: what is compared tells nothing of a token.
        return (await BookAsync(cancellation)).Find(TokenText.Sha256(text), time.GetUtcNow()) is { } grant ? Of(grant) : Failed();
    }

    /// <summary>By the id of a token that was shown before: as it is now, which ends with its revocation.</summary>
    public async Task<Viewer?> ByIdAsync(string id, CancellationToken cancellation) =>
        id == Local.Token ? Local
        : id == Everybody.Token ? Nobody
        : (await BookAsync(cancellation)).FindById(id, time.GetUtcNow()) is { } grant ? Of(grant) : null;

    private async Task<Viewer?> ByNameAsync(string? name, CancellationToken cancellation) =>
        name is not null && (await BookAsync(cancellation)).FindByName(name, time.GetUtcNow()) is { } grant ? Of(grant) : Failed();

    private Viewer? Nobody => isOpen ? Everybody : null;

    // While the ledger is away nothing can be revoked, and nothing of it can be shown.
    private async Task<AccessBook> BookAsync(CancellationToken cancellation)
    {
        try
        {
            return await access.BookAsync(cancellation);
        }
        catch (Exception cause) when (cause is NpgsqlException or IOException or TimeoutException)
        {
            return access.Last;
        }
    }

    private Viewer? Failed()
    {
        Interlocked.Increment(ref _failures);
        return null;
    }

    private static Viewer Of(Grant grant) => new(
        grant.Granted.Name, RoleOf(grant.Granted.Role), grant.Id, grant.Granted.OnlyStudy, grant.Granted.UpToPosition);

    private static Role RoleOf(string name) => name switch
    {
        AccessRoles.Reader => Role.Reader,
        AccessRoles.Operator => Role.Operator,
        _ => throw new InvalidOperationException($"'{name}' is no role that this ldc knows."),
    };
}
