using System.Net;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Access;

/// <summary>
/// The names that this server answers to. A page of somebody else's whose name suddenly means this machine (DNS rebinding) is refused by
/// its name; the port does not count.
/// </summary>
public sealed class HostNames
{
    private readonly HashSet<string> _names = new(["localhost", "127.0.0.1", "[::1]"], StringComparer.OrdinalIgnoreCase);
    private readonly bool _anyAddress;

    /// <param name="listen">Where it listens; null: a Unix socket, whose clients name whatever they like.</param>
    /// <param name="publicUrl">How others reach it, through a proxy or by another name.</param>
    public HostNames(IPAddress? listen, Uri? publicUrl)
    {
        // A number in the address bar is this machine's own, whatever a name server says.
        _anyAddress = listen is null || listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any);
        if (listen is not null && !_anyAddress)
            _names.Add(listen.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{listen}]" : listen.ToString());
        if (publicUrl is not null)
            _names.Add(publicUrl.Host);
    }

    public bool Has(HostString host) => host.HasValue
        && (_names.Contains(host.Host) || _anyAddress && IPAddress.TryParse(host.Host.Trim('[', ']'), out _));

    public static string Refusal(HostString host) =>
        $"This server does not answer to the name '{Shown(host.Value)}'; `ldc serve --public-url URL` adds the name of that URL.";

    // It came from outside, and goes into a log and a page.
    private static string Shown(string? text) => new([.. (text ?? "").Take(100).Select(c =>
        char.IsAsciiLetterOrDigit(c) || ".-:[]_".Contains(c, StringComparison.Ordinal) ? c : '?')]);
}
