using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Pages;

/// <summary>
/// The tag of a page, known before anything is asked of the ledger or drawn: the address, who asks, how far the ledger has come, and which
/// ldc answers. While it is the same, the page is.
/// </summary>
internal static class PageTag
{
    // Another build may draw the same otherwise; its assets have other addresses.
    private static readonly string Version = typeof(PageTag).Assembly.ManifestModule.ModuleVersionId.ToString("N");

    public static string Of(HttpRequest request, View view)
    {
        var viewer = view.Viewer;
        var moment = view.IsLive ? $"{view.State.Position} {view.State.Last} {view.State.Leases}" : view.At!.ToString();
        var text = string.Join('\n', Version, request.PathBase, request.Path, request.QueryString, viewer.Token, viewer.Role, moment);
        return $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32]}\"";
    }

    public static bool IsKnown(HttpRequest request, string etag) =>
        request.Headers.IfNoneMatch.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Any(v => v == etag || v == $"W/{etag}");
}
