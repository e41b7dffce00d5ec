using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Views;

/// <summary>
/// The tag of an answer, known before anything is asked of the ledger or drawn: the address, who asks, how far the ledger has come, and
/// which ldc answers. While it is the same, the answer is.
/// </summary>
internal static class ViewTag
{
    // Another build may draw the same otherwise; its assets have other addresses.
    private static readonly string Version = typeof(ViewTag).Assembly.ManifestModule.ModuleVersionId.ToString("N");

    /// <summary>Sets the tag.</summary>
    /// <param name="beside">What the answer is of beside the ledger.</param>
    /// <returns>Whether whoever asks has the answer already, and was told so.</returns>
    public static bool Answers(View view, string beside = "")
    {
        var (request, response) = (view.Request, view.Request.HttpContext.Response);
        var etag = Of(view, beside);
        response.Headers.ETag = etag;
        if (!request.Headers.IfNoneMatch.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Any(v => v == etag || v == $"W/{etag}"))
            return false;
        response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    private static string Of(View view, string beside)
    {
        var (request, viewer) = (view.Request, view.Viewer);
        // What stood at a position stands for ever; what stood at a time can still change while that time is not over.
        var moment = view.At is { Position: { } position } ? $"at {position}"
            : $"{view.State.Position} {view.State.Last} {view.State.Leases}";
        var text = string.Join(
            '\n', Version, request.PathBase, request.Path, request.QueryString, viewer.Token, viewer.Role, moment, beside);
        return $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32]}\"";
    }
}
