using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace LdcLedger.Web.Views;

/// <summary>How much may be sent to a route.</summary>
public sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata
{
    /// <summary>A file, and what a form writes around it.</summary>
    public static readonly BodyLimit OfFiles = new(SentFile.Longest + (64 << 10));
}

/// <summary>A file that somebody sends to be looked at: in memory while it is, and kept nowhere.</summary>
/// <param name="Name">As messages name it.</param>
public sealed record SentFile(string Name, byte[] Bytes)
{
    public const int Longest = 20 << 20;

    /// <summary>The file of a form.</summary>
    /// <param name="field">The form's name for it.</param>
    /// <exception cref="BadQuery">None was sent, or one that is too long.</exception>
    internal static async Task<SentFile> OfFormAsync(View view, string field)
    {
        if (!MediaTypeHeaderValue.TryParse(view.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary)
            throw new BadQuery("A file is sent by a form of multipart/form-data.");
        try
        {
            var parts = new MultipartReader(boundary, view.Request.Body);
            while (await parts.ReadNextSectionAsync(view.Cancellation) is { } part)
                if (part.GetContentDispositionHeader() is { } header && header.IsFileDisposition()
                    && HeaderUtilities.RemoveQuotes(header.Name) == field)
                    return Of(
                        NameOf(header.FileNameStar.Value ?? HeaderUtilities.RemoveQuotes(header.FileName).Value),
                        await BytesAsync(part.Body, view.Cancellation));
        }
        catch (Exception broken) when (broken is InvalidDataException || broken is IOException and not BadHttpRequestException)
        {
            throw new BadQuery("What was sent is no whole form.");
        }
        throw new BadQuery("No file was sent: choose one first.");
    }

    /// <summary>What was sent as it is.</summary>
    /// <exception cref="BadQuery">Nothing was sent, or too much.</exception>
    internal static async Task<SentFile> OfBodyAsync(View view) => Of("the file", await BytesAsync(view.Request.Body, view.Cancellation));

    private static SentFile Of(string name, byte[] bytes) => bytes.Length > 0 ? new(name, bytes)
        : throw new BadQuery($"{char.ToUpperInvariant(name[0])}{name[1..]} is empty: choose one first.");

    private static async Task<byte[]> BytesAsync(Stream body, CancellationToken cancellation)
    {
        using var sent = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int count; (count = await body.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (sent.Length + count > Longest)
                throw new BadQuery($"The file is larger than {Longest >> 20} MB, and so than what is looked at here; "
                    + "`ldc report verify FILE` takes any.");
            sent.Write(buffer, 0, count);
        }
        return sent.ToArray();
    }

    // Of a path that some browsers send no more than its end; nothing that moves what stands around it.
    private static string NameOf(string? named)
    {
        var name = string.Concat((named ?? "").Split('/', '\\')[^1].Where(c => !char.IsControl(c) && c is < '\u2000' or > '\u206f')).Trim();
        return name.Length is 0 ? "the file" : name.Length <= 120 ? name : name[..120] + "…";
    }
}
