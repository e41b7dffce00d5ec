using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Access;

/// <summary>
/// A browser's session: a cookie with the id of a token, an end and a signature over both. It holds no secret of the token, and lasts no
/// longer than it: the token is looked up on every request.
/// </summary>
public sealed class Sessions(LocalToken token, TimeProvider time)
{
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromDays(30);

    private readonly byte[] _key = token.Key("session");

    /// <summary>Cookies are shared by all ports of a host: its name tells whose it is.</summary>
    private static string NameOf(HttpContext context)
    {
        var port = context.Request.Host.Port ?? context.Connection.LocalPort;
        return string.Create(CultureInfo.InvariantCulture, $"ldc-{(context.Request.IsHttps ? "s-" : "")}{port}");
    }

    public void Begin(HttpContext context, string tokenId)
    {
        var end = time.GetUtcNow() + SessionTimeout;
        var said = string.Create(CultureInfo.InvariantCulture, $"{tokenId}.{end.ToUnixTimeSeconds()}");
        context.Response.Cookies.Append(NameOf(context), $"{said}.{Sign(said)}", Options(context, end));
    }

    public static void End(HttpContext context) => context.Response.Cookies.Delete(NameOf(context), Options(context, null));

    /// <summary>The id of the token whose session this request belongs to; null where there is none that holds.</summary>
    public string? TokenOf(HttpContext context)
    {
        if (context.Request.Cookies[NameOf(context)] is not { } cookie || cookie.Split('.') is not [var id, var end, var signature])
            return null;
        if (!CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Sign($"{id}.{end}")), Encoding.UTF8.GetBytes(signature)))
            return null;
        return time.GetUtcNow().ToUnixTimeSeconds() < long.Parse(end, CultureInfo.InvariantCulture) ? id : null;
    }

    private static CookieOptions Options(HttpContext context, DateTimeOffset? end) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, Expires = end, IsEssential = true,
        Path = context.Request.PathBase.HasValue ? context.Request.PathBase.Value : "/",
    };

    private string Sign(string said) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(said)));
}
