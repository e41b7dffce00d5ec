using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Access;

/// <summary>Who the sender of a request is: by a bearer token, or by the session that its cookie names.</summary>
public sealed class Viewers(LocalToken local, Sessions sessions)
{
    /// <summary>Whoever may read the token file of this machine, or followed a login link that was made with it.</summary>
    public static readonly Viewer Local = new("this machine", Role.Operator, "local");

    private const string Bearer = "Bearer ";

    /// <returns>Null where there is none; and whether a cookie said so, which a browser sends along whoever made it ask.</returns>
    public async Task<(Viewer? Viewer, bool ByCookie)> OfAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
            return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
                ? (await ByTextAsync(authorization[Bearer.Length..].Trim(), context.RequestAborted), false) : (null, false);
        return sessions.TokenOf(context) is { } id ? (await ByIdAsync(id, context.RequestAborted), true) : (null, false);
    }

    /// <summary>By the token itself.</summary>
    public Task<Viewer?> ByTextAsync(string text, CancellationToken cancellation)
    {
        if (!TokenText.IsWhole(text))
            return Task.FromResult<Viewer?>(null);
        return Task.FromResult(
            CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(local.Text)) ? Local : null);
    }

    /// <summary>By the id of a token that was shown before: as it is now, which ends with its revocation.</summary>
    public Task<Viewer?> ByIdAsync(string id, CancellationToken cancellation) => Task.FromResult(id == Local.Token ? Local : null);
}
