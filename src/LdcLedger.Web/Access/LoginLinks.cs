using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LdcLedger.Web.Access;

/// <summary>
/// Links that log somebody in once: signed by whoever can read the token file, so that `ldc web link` can make one for a server that is
/// running. A server takes each once, within ten minutes, and none from before its own start, since it does not know which of those were
/// used.
/// </summary>
public sealed class LoginLinks(LocalToken token, TimeProvider time)
{
    public static readonly TimeSpan LinkTimeout = TimeSpan.FromMinutes(10);

    // Two processes on one machine read the same clock, but not at the same instant.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(1);

    private readonly byte[] _key = token.Key("login link");
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly Dictionary<string, DateTimeOffset> _used = [];
    private readonly Lock _lock = new();

    /// <summary>A new code: time, a random number, and a signature over both.</summary>
    public string New()
    {
        var said = string.Create(CultureInfo.InvariantCulture,
            $"{time.GetUtcNow().ToUnixTimeMilliseconds()}-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16))}");
        return $"{said}.{Sign(said)}";
    }

    /// <summary>Takes a code. Null: it is good, and from now on used; else why not.</summary>
    public string? Use(string code)
    {
        const string again = "`ldc web link` prints a new one";
        var dot = code.LastIndexOf('.');
        if (dot < 0 || !CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Sign(code[..dot])), Encoding.UTF8.GetBytes(code[(dot + 1)..])))
            return $"This login link is not one of this server's; {again}.";
        var made = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(code[..code.IndexOf('-', StringComparison.Ordinal)], null));
        var now = time.GetUtcNow();
        if (now - made > LinkTimeout || made < _started - ClockTolerance)
            return $"This login link is out of date; {again}.";
        lock (_lock)
        {
            foreach (var old in _used.Where(u => now - u.Value > LinkTimeout).Select(u => u.Key).ToList())
                _used.Remove(old);
            return _used.TryAdd(code, made) ? null : $"This login link was used already; {again}.";
        }
    }

    private string Sign(string said) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(said)));
}
