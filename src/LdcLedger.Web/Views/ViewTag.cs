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
        var etag = $"\"{Of(view, beside)}\"";
        response.Headers.ETag = etag;
        if (!request.Headers.IfNoneMatch.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Any(v => v == etag || v == $"W/{etag}"))
            return false;
        response.StatusCode = StatusCodes.Status304NotModified;
        // A browser takes what a 304 says for what it has: the policy that the answer came with holds on, whatever that is.
        response.Headers.Remove("Content-Security-Policy");
        return true;
    }

    /// <param name="beside">What the answer is of beside the ledger.</param>
    public static string Of(View view, string beside = "")
    {
        var (request, state) = (view.Request, view.State);
        // What stood at a position stands for ever, but for what a rule's name means; what stood at a time can still change while that time
        // is not over, and what a short name means while there are others to come. How far the read models lag goes on without an event.
        var moment = view.At is { Position: { } position } && IsNamedForEver(request) ? $"at {position} {state.Rules}"
            : $"{state.Position} {state.Last} {state.Leases} {(long)(state.Lag?.TotalSeconds ?? 0)} {state.Trouble}";
        return Hash(view, moment, beside);
    }

    /// <summary>
    /// The tag of a page of one study but for its bar: other studies may move, and it stays. Null where the page is of more, or of an
    /// earlier moment, whose own tag stays as long.
    /// </summary>
    public static string? OfStudy(View view) =>
        view.At is null && view["receipt"] is null && view.Request.RouteValues.Keys.All(name => name == "study")
            && Guid.TryParse(view.Request.RouteValues.GetValueOrDefault("study") as string, out var study)
            ? Hash(view, $"{view.State.MovesOf(study)} {view.State.Leases} {view.State.Rules}", "") : null;

    private static string Hash(View view, string moment, string beside)
    {
        var (request, viewer) = (view.Request, view.Viewer);
        var text = string.Join(
            '\n', Version, request.PathBase, request.Path, request.QueryString, viewer.Token, viewer.Name, viewer.Role, viewer.Study,
            viewer.At, moment, beside);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }

    // An event's proof leads to the newest seal, whatever moment the rest of its page is of.
    private static bool IsNamedForEver(HttpRequest request) => !request.RouteValues.ContainsKey("event")
        && request.RouteValues.Values.All(part => Guid.TryParse(part as string, out _));
}
