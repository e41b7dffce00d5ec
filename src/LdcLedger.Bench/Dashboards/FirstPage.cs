using System.Text.RegularExpressions;

namespace LdcLedger.Bench.Dashboards;

/// <summary>What a browser that was never here loads for a page: the page, and what it names, compressed.</summary>
internal static partial class FirstPage
{
    /// <returns>Bytes on the line, and how many requests they take; the line for news, which stays open, is none of them.</returns>
    public static async Task<(long Bytes, int Requests)> OfAsync(HttpClient viewer, string path, CancellationToken cancellation)
    {
        var page = await viewer.GetStringAsync(path, cancellation);
        var assets = Asset().Matches(page).Select(match => match.Groups[1].Value).Distinct().ToList();
        var bytes = await BytesAsync(viewer, path, cancellation);
        foreach (var asset in assets)
            bytes += await BytesAsync(viewer, asset.TrimStart('/'), cancellation);
        return (bytes, 1 + assets.Count);
    }

    private static async Task<long> BytesAsync(HttpClient viewer, string path, CancellationToken cancellation)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, path);
        question.Headers.AcceptEncoding.ParseAdd("gzip");
        using var answer = await viewer.SendAsync(question, cancellation);
        return (await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellation)).Length;
    }

    [GeneratedRegex(@"(?:href|src)=""(/assets/[^""]+)""")]
    private static partial Regex Asset();
}
