using LdcLedger.Domain;

namespace LdcLedger.Web.Access;

/// <summary>
/// That a page may stand in a frame of another origin's pages: looked at, but with nothing on it that could be clicked by somebody who sees
/// something else there.
/// </summary>
/// <param name="Origin">Such as https://lab.example: the one that may frame it.</param>
public sealed record Framing(string Origin)
{
    /// <exception cref="RuleViolation">It is no origin.</exception>
    public static Framing Of(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            && text.TrimEnd('/') is var origin && origin == url.GetLeftPart(UriPartial.Authority) && !origin.Contains(';')
            ? new(origin)
            : throw new RuleViolation(
                $"--embed-from is '{text}'; it is an origin: scheme, host and port, such as https://lab.example or http://127.0.0.1:3000.");

    /// <summary>What the page's policy says in place of that of all others.</summary>
    public string Policy => ResponseHeaders.Policy.Replace("frame-ancestors 'none'", $"frame-ancestors {Origin}", StringComparison.Ordinal);
}
