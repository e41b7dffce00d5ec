using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Access;

/// <summary>
/// What every answer says to a browser: nothing from elsewhere, nothing inline, no frame around us, no guessing of types.
/// </summary>
public static class ResponseHeaders
{
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()";
        // Nobody keeps an answer that a revoked token could not get; a route that may be kept says so itself.
        headers.CacheControl = "private, no-cache";
    }
}
