using System.Globalization;
using System.Text;

namespace LdcLedger.Ledger.Settings;

/// <summary>A text cannot be read; the message is a phrase that says why, and quotes nothing of the text.</summary>
internal sealed class UnreadableText(string why) : Exception(why);

/// <summary>
/// The address of a server, <c>scheme://user:password@host:port,host:port/path?key=value&amp;...</c>, taken apart as libpq does it:
/// everything but the structure may be percent-encoded, hosts may be several or none. What other programs read otherwise is refused.
/// </summary>
/// <param name="RawPath">Without its first slash, as it stands; empty where there is none.</param>
/// <param name="Query">In the order in which they stand.</param>
internal sealed record ServerUrl(
    string? User, string? Password, IReadOnlyList<(string Host, int? Port)> Hosts, string RawPath,
    IReadOnlyList<(string Key, string Value)> Query)
{
    private const string Encoding = "an @, /, ? or # within a user name or password has to be percent-encoded (%40, %2F, %3F, %23)";

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Decoded, without its first slash.</summary>
    public string Path => Decoded(RawPath);

    /// <summary>Holds the password: never printed.</summary>
    public override string ToString() => nameof(ServerUrl);

    /// <param name="text">What follows the scheme and its ://.</param>
    /// <exception cref="UnreadableText">It is none.</exception>
    public static ServerUrl Parse(string text)
    {
        if (text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            throw new UnreadableText("it holds a space or another character that has to be percent-encoded (%20)");
        if (text.Contains('#'))   // libpq takes it as it is, everybody else for the end of the address
            throw new UnreadableText(Encoding);
        var (user, password) = ((string?)null, (string?)null);
        if (text.IndexOfAny(['@', '/']) is >= 0 and var at && text[at] == '@')
        {
            var credentials = text[..at].Split(':', 2);
            user = Decoded(credentials[0]);
            password = credentials.Length == 2 ? Decoded(credentials[1]) : null;
            text = text[(at + 1)..];
        }
        var (rest, query) = Cut(text, '?');
        var (hosts, path) = Cut(rest, '/');
        if (hosts.Contains('@') || path?.Contains('@') == true)
            throw new UnreadableText(Encoding);
        return new(
            user, password, [.. hosts.Split(',').Select(HostOf)], path ?? "",
            [.. (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries).Select(PairOf)]);
    }

    private static (string Before, string? After) Cut(string text, char at) =>
        text.Split(at, 2) is [var before, var after] ? (before, after) : (text, null);

    private static (string Host, int? Port) HostOf(string text)
    {
        string host, rest;
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']');
            if (end < 2)
                throw new UnreadableText("the address in brackets is empty or does not end");
            (host, rest) = (text[1..end], text[(end + 1)..]);
        }
        else
        {
            var colon = text.IndexOf(':');
            (host, rest) = colon < 0 ? (text, "") : (text[..colon], text[colon..]);
        }
        if (rest is "" or ":")
            return (Decoded(host), null);
        return rest[0] == ':' && int.TryParse(Decoded(rest[1..]), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535
            ? (Decoded(host), port)
            : throw new UnreadableText(
                $"no port (1 to 65535) follows the host's colon; {Encoding}, and an IPv6 address stands in brackets");
    }

    private static (string Key, string Value) PairOf(string text) => text.Split('=', 2) is [var key, var value]
        ? (Decoded(key), Decoded(value))
        : throw new UnreadableText($"a parameter after the question mark has no value (key=value); {Encoding}");

    private static string Decoded(string text)
    {
        if (!text.Contains('%'))
            return text;
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                bytes.AddRange(Strict.GetBytes(text.Substring(i, length)));
                i += length - 1;
            }
            else if (i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2])
                && Convert.FromHexString(text.AsSpan(i + 1, 2)) is [not 0 and var value])
            {
                bytes.Add(value);
                i += 2;
            }
            else
                throw new UnreadableText("no two hexadecimal digits other than 00 follow a percent sign (a percent sign itself is %25)");
        }
        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw new UnreadableText("its percent-encoded bytes are not UTF-8");
        }
    }
}
