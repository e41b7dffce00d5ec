using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace LdcLedger.Web.Views;

/// <summary>An answer, whole: its bytes, compressed once for all who take it so.</summary>
internal sealed class KeptAnswer
{
    private readonly byte[]? _content;
    private readonly Lazy<byte[]> _compressed;
    private readonly string _contentType;
    private readonly string? _fileName;
    private readonly int _status;

    public KeptAnswer(byte[] content, string contentType, string? fileName = null, int status = StatusCodes.Status200OK)
        : this(content, new(() => Compress(content)), contentType, fileName, status)
    {
    }

    private KeptAnswer(byte[]? content, Lazy<byte[]> compressed, string contentType, string? fileName, int status) =>
        (_content, _compressed, _contentType, _fileName, _status) = (content, compressed, contentType, fileName, status);

    /// <summary>The bytes that it keeps.</summary>
    public int Length => _content?.Length ?? _compressed.Value.Length;

    private byte[] Content => _content ?? Expand(_compressed.Value);

    /// <summary>Whether it is what its tag says: leases come, go and come again, and what was drawn while they changed is of no
    /// tag.</summary>
    public bool IsOfItsTag { get; init; } = true;

    /// <summary>The part that goes on after it, as the query of the same address; null: it is whole, or the last.</summary>
    public string? Next { get; init; }

    /// <summary>The same, of which only the compressed bytes are kept: a page of figures takes a tenth of the room so.</summary>
    public KeptAnswer Packed() =>
        new(null, new(_compressed.Value), _contentType, _fileName, _status) { IsOfItsTag = IsOfItsTag, Next = Next };

    /// <summary>The same with other bytes in place of some.</summary>
    /// <param name="part">There is one, and from it to its end they are replaced; without it the answer stays as it is.</param>
    public KeptAnswer With(ReadOnlySpan<byte> part, ReadOnlySpan<byte> end, ReadOnlySpan<byte> other)
    {
        var all = Content.AsSpan();
        var from = all.IndexOf(part);
        if (from < 0)
            return this;
        var to = from + all[from..].IndexOf(end) + end.Length;
        return new([.. all[..from], .. other, .. all[to..]], _contentType, _fileName, _status) { IsOfItsTag = IsOfItsTag, Next = Next };
    }

    public KeptAnswer OfNoTag() =>
        new(_content, _compressed, _contentType, _fileName, _status) { IsOfItsTag = false, Next = Next };

    public async Task SendAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (!IsOfItsTag)
            headers.Remove("ETag");
        context.Response.StatusCode = _status;
        headers.ContentType = _contentType;
        if (_fileName is not null)
            headers.ContentDisposition = Attachment(_fileName);
        if (Next is not null)
            headers.Link = $"<{Next}>; rel=\"next\"";
        headers.Vary = "Accept-Encoding";
        var gzip = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal);
        if (gzip)
            headers.ContentEncoding = "gzip";
        var body = gzip ? _compressed.Value : Content;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static string Attachment(string name)
    {
        var attachment = new ContentDispositionHeaderValue("attachment");
        attachment.SetHttpFileName(name);
        return attachment.ToString();
    }

    private static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream(content.Length / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(content);
        return compressed.ToArray();
    }

    private static byte[] Expand(byte[] compressed)
    {
        using var content = new MemoryStream(compressed.Length * 8);
        using (var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress))
            gzip.CopyTo(content);
        return content.ToArray();
    }
}

/// <summary>
/// Answers that were given, by their tag: of many who look at the same, one is answered and the others get a copy. What was not wanted for
/// longest goes first.
/// </summary>
internal sealed class KeptAnswers
{
    private const long MostBytes = 32 << 20, MostOfOne = 2 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Task<KeptAnswer> Answer, long Bytes, long Used)> _kept = [];
    private long _bytes, _uses;

    /// <summary>What a view shows. It is kept where nobody took or lost a lease while it was drawn.</summary>
    public Task<KeptAnswer> OfAsync(View view, string tag, Func<Task<KeptAnswer>> answer) => OfAsync(tag, async () =>
    {
        var drawn = await answer();
        return (await view.Ledger.StateAsync(view.Cancellation)).Leases == view.State.Leases ? drawn : drawn.OfNoTag();
    }, view.Cancellation);

    /// <summary>The same of anything; one that is long is kept packed.</summary>
    /// <param name="tag">While it is the same, the answer is.</param>
    /// <param name="answer">Makes it; of several who want it at once, the first does.</param>
    public async Task<KeptAnswer> OfAsync(string tag, Func<Task<KeptAnswer>> answer, CancellationToken cancellation)
    {
        while (true)
        {
            var mine = new TaskCompletionSource<KeptAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<KeptAnswer>? another = null;
            lock (_lock)
            {
                if (_kept.TryGetValue(tag, out var kept))
                    _kept[tag] = kept with { Used = ++_uses };
                else
                    _kept[tag] = (mine.Task, 0, ++_uses);
                another = kept.Answer;
            }
            if (another is null)
                return await MakeAsync(tag, answer, mine);
            try
            {
                return await another.WaitAsync(cancellation);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Whoever was to make it has gone.
            }
        }
    }

    private async Task<KeptAnswer> MakeAsync(string tag, Func<Task<KeptAnswer>> answer, TaskCompletionSource<KeptAnswer> mine)
    {
        try
        {
            var made = await answer();
            if (made.Length > MostOfOne)
                made = made.Packed();
            Keep(tag, mine.Task, made);
            mine.SetResult(made);
            return made;
        }
        catch (Exception cause)
        {
            lock (_lock)
                _kept.Remove(tag);
            if (cause is OperationCanceledException)
                mine.SetCanceled(CancellationToken.None);
            else
                mine.SetException(cause);
            _ = mine.Task.Exception;   // it is told to whoever waits; there may be nobody
            throw;
        }
    }

    private void Keep(string tag, Task<KeptAnswer> answer, KeptAnswer made)
    {
        var bytes = (long)made.Length;
        lock (_lock)
        {
            if (bytes > MostOfOne || !made.IsOfItsTag)
            {
                _kept.Remove(tag);
                return;
            }
            _kept[tag] = (answer, bytes, ++_uses);
            for (_bytes += bytes; _bytes > MostBytes;)
            {
                var (oldest, (_, gone, _)) = _kept.Where(k => k.Value.Bytes > 0).MinBy(k => k.Value.Used);
                _kept.Remove(oldest);
                _bytes -= gone;
            }
        }
    }
}
