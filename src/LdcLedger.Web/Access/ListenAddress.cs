using System.Globalization;
using System.Net;
using LdcLedger.Domain;

namespace LdcLedger.Web.Access;

/// <summary>Where a server listens: an address and a port, or a Unix socket, whom its folder lets in.</summary>
/// <param name="Address">Null: a Unix socket.</param>
/// <param name="Port">0: any that is free.</param>
/// <param name="Socket">Path of the Unix socket; null: an address.</param>
public sealed record ListenAddress(IPAddress? Address, int Port, string? Socket)
{
    /// <summary>What there is without any setting: this machine alone.</summary>
    public static readonly ListenAddress Usual = new(IPAddress.Loopback, 8123, null);

    private const string UnixPrefix = "unix:";

    /// <summary>Whether only this machine's users get there.</summary>
    public bool IsLocal => Address is null || IPAddress.IsLoopback(Address);

    /// <param name="what">The option or variable that says it, for messages.</param>
    /// <exception cref="RuleViolation">It is neither.</exception>
    public static ListenAddress Parse(string text, string what)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length)
            return new(null, 0, Path.GetFullPath(text[UnixPrefix.Length..]));
        var numeric = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? $"127.0.0.1:{text["localhost:".Length..]}" : text;
        // Without a port it would parse as well.
        return numeric.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(numeric, out var at) && at.Port != 0
            ? new(at.Address, at.Port, null)
            : throw new RuleViolation(
                $"{what} is '{text}'; it must be an address and a port, such as 127.0.0.1:8123 or 0.0.0.0:8123, or unix:PATH.");
    }

    /// <summary>The address as a browser on this machine has it, with the port that was taken.</summary>
    public Uri UrlAt(int port)
    {
        var host = Address is null || Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any) ? "127.0.0.1"
            : Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{Address}]" : Address.ToString();
        return new(string.Create(CultureInfo.InvariantCulture, $"http://{host}:{port}/"));
    }

    public override string ToString() => Socket is null
        ? new IPEndPoint(Address!, Port).ToString() : UnixPrefix + Socket;
}
