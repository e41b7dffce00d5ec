using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Access;

/// <summary>
/// Whether a request that changes something comes from a page of our own. A browser says so in <c>Sec-Fetch-Site</c>; one that is too old
/// for that names the page's origin. Another port of this host is not our own.
/// </summary>
public static class SameOrigin
{
    /// <summary>
    /// Whether a part of somebody else's page asks: a script, an image, a frame, a fetch. Nothing of ours is for them; a link that somebody
    /// follows is no part.
    /// </summary>
    public static bool IsPartOfAnother(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"] is ["same-site" or "cross-site"] && request.Headers["Sec-Fetch-Dest"] is not ["document"];

    public static bool Holds(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0)
            return site.Count == 1 && site[0] is "same-origin" or "none";
        var origin = request.Headers.Origin;
        return origin.Count switch
        {
            0 => true,   // no browser: browsers send one of the two with every request that changes something
            1 => string.Equals(origin[0], $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
    }
}
