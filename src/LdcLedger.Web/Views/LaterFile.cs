using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace LdcLedger.Web.Views;

/// <summary>
/// A file that is still being made. The head of its answer is sent within a second, so that whoever asks knows that it comes.
/// </summary>
/// <param name="Name">Under which it is saved; null: it is shown.</param>
internal sealed record LaterFile(Task<byte[]> Content, string ContentType, string? Name)
{
    private static readonly TimeSpan HeadTimeout = TimeSpan.FromMilliseconds(700);

    /// <summary>Fails as the making does; where the head is sent already, the connection has to be cut then.</summary>
    public async Task SendAsync(HttpContext context)
    {
        var (response, stop) = (context.Response, context.RequestAborted);
        var isReady = await Task.WhenAny(Content, Task.Delay(HeadTimeout, TimeProvider.System, stop)) == Content;
        if (isReady)
            await Content;   // what went wrong is told in an answer of its own
        response.ContentType = ContentType;
        if (Name is not null)
        {
            var saved = new ContentDispositionHeaderValue("attachment");
            saved.SetHttpFileName(Name);
            response.Headers.ContentDisposition = saved.ToString();
        }
        if (!isReady)
        {
            await response.StartAsync(stop);
            await response.Body.FlushAsync(stop);
        }
        var bytes = await Content;
        if (isReady)
            response.Headers.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, stop);
    }
}
