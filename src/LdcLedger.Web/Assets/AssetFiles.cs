using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Assets;

/// <summary>A script, style sheet or licence that pages refer to. Its address holds its hash, so that it is never out of date.</summary>
/// <param name="Compressed">By gzip, once, for whoever takes it.</param>
public sealed record Asset(string Name, string ContentType, byte[] Content, byte[] Compressed, string Sha256)
{
    /// <summary>Below the path base.</summary>
    public string Path => $"/assets/{Sha256[..12]}/{Name}";
}

/// <summary>
/// What a browser needs beside the pages: in the assembly, so that no request leaves the origin and no file has to be found.
/// </summary>
public static class AssetFiles
{
    private static readonly IReadOnlyDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".txt"] = "text/plain; charset=utf-8",
    };

    public static readonly IReadOnlyDictionary<string, Asset> All = typeof(AssetFiles).Assembly.GetManifestResourceNames()
        .Where(name => Types.ContainsKey(Path.GetExtension(name))).Select(Load).ToDictionary(a => a.Name);

    /// <exception cref="KeyNotFoundException">There is no such file.</exception>
    public static Asset Of(string name) => All[name];

    /// <summary>Answers <c>/assets/HASH/NAME</c>; of another version of ldc, 404.</summary>
    public static async Task SendAsync(HttpContext context)
    {
        var (hash, name) = ((string?)context.Request.RouteValues["hash"], (string?)context.Request.RouteValues["name"]);
        if (name is null || !All.TryGetValue(name, out var asset) || asset.Sha256[..12] != hash)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var headers = context.Response.Headers;
        (headers.ContentType, headers.CacheControl) = (asset.ContentType, "public, max-age=31536000, immutable");
        headers.Vary = "Accept-Encoding";
        var gzip = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal);
        if (gzip)
            headers.ContentEncoding = "gzip";
        var body = gzip ? asset.Compressed : asset.Content;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static Asset Load(string name)
    {
        using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            gzip.Write(content);
        return new(name, Types[Path.GetExtension(name)], content, compressed.ToArray(), Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
