using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Access;

/// <summary>
/// What every answer says to a browser: nothing from elsewhere, nothing inline, no frame around us, no guessing of types.
/// </summary>
public static class ResponseHeaders
{
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>
    /// For what a study's names and numbers were made into, a report or a drawing: no script, no form, no origin; its own style and
    /// pictures alone; in a frame of ours at most.
    /// </summary>
    public const string Sandboxed = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        + "form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

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
