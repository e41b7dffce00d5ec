using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LdcLedger.Web.Access;

namespace LdcLedger.Web.Views;

/// <summary>
/// Where a list goes on, as an address carries it: signed, so that nobody can make one up, and bound to the list's filter, so that it goes
/// on in no other.
/// </summary>
public sealed class Cursor(LocalToken token)
{
    private readonly byte[] _key = token.Key("cursor");

    /// <param name="list">Which list it is: its path, and all of its parameters but cursor and limit.</param>
    public string Write(string list, string[] keys)
    {
        var said = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(keys));
        return $"{said}.{Sign(list, said)}";
    }

    /// <exception cref="BadQuery">It was not made for this list, or by nobody.</exception>
    public string[] Read(string list, string cursor)
    {
        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Sign(list, cursor[..dot])), Encoding.UTF8.GetBytes(cursor[(dot + 1)..])))
            throw new BadQuery("The cursor is none of this list: take the one that the part before gave, with the same filter.");
        return JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(cursor.AsSpan(0, dot)))!;
    }

    /// <summary>The list that an address names.</summary>
    /// <param name="path">Of the list, where several addresses lead to it; null: that of this one.</param>
    internal static string ListOf(View view, string? path = null) => (path ?? view.Request.Path.Value) + "?"
        + string.Join('&', view.Request.Query.Where(q => q.Key is not ("cursor" or "limit" or "count"))
            .OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => $"{q.Key}={q.Value}"));

    private string Sign(string list, string said) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{list}\n{said}")).AsSpan(0, 16));
}
