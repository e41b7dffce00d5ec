using LdcLedger.Ledger.Settings;
using RabbitMQ.Client;

namespace LdcLedger.Ledger.Broker;

/// <summary>Where RabbitMQ is, from <c>LDC_RABBITMQ</c>: <c>amqp://user:password@host:port/vhost</c>, or <c>amqps://</c> for TLS.</summary>
public sealed class BrokerAddress
{
    private const string Forms = "amqp://user:password@host:port/vhost, or amqps:// for TLS";

    // RabbitMQ's parameters of such a URL. We have timeouts and heartbeats of our own; with another value, verify would weaken TLS.
    private static readonly IReadOnlyList<string> Unused = ["heartbeat", "connection_timeout", "channel_max", "frame_max"];
    private static readonly IReadOnlyList<string> Impossible =
        ["cacertfile", "certfile", "keyfile", "verify", "fail_if_no_peer_cert", "server_name_indication", "auth_mechanism", "password"];

    private BrokerAddress(bool isEncrypted, string host, int port, string user, string password, string vhost) =>
        (IsEncrypted, Host, Port, User, Password, Vhost) = (isEncrypted, host, port, user, password, vhost);

    public string Vhost { get; }

    public string User { get; }

    /// <summary>Never print it, print <see cref="ToString"/>.</summary>
    internal string Password { get; }

    public bool IsEncrypted { get; }

    /// <summary>A name or an address, an IPv6 one without brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>Null where <c>LDC_RABBITMQ</c> is not set: then everything runs in one process.</summary>
    /// <exception cref="SettingRefused">It cannot be read.</exception>
    public static BrokerAddress? FromEnvironment() =>
        EnvironmentSecret.Read("LDC_RABBITMQ") is { } text ? Parse(text) : null;

    /// <exception cref="SettingRefused">The text is no such address; says why, and quotes nothing of it.</exception>
    public static BrokerAddress Parse(string text)
    {
        try
        {
            return Read(text.Trim());
        }
        catch (UnreadableText unreadable)
        {
            throw new SettingRefused($"LDC_RABBITMQ cannot be read: {unreadable.Message}; it is {Forms}.");
        }
    }

    private static BrokerAddress Read(string text)
    {
        if (text is ['\'' or '"', .., var last] && last == text[0])
            throw new UnreadableText("it stands in quotes, which are for the shell: leave them out");
        var (scheme, isEncrypted) = text.StartsWith("amqps://", StringComparison.OrdinalIgnoreCase) ? ("amqps://", true)
            : text.StartsWith("amqp://", StringComparison.OrdinalIgnoreCase) ? ("amqp://", false)
            : throw new UnreadableText("it begins with neither amqp:// nor amqps://");
        var url = ServerUrl.Parse(text[scheme.Length..]);
        if (url.Hosts.Count > 1)
            throw new UnreadableText("it names several hosts, where one can be had (a load balancer's, for instance)");
        if (url.Hosts[0].Host.Length == 0)
            throw new UnreadableText("it names no host");
        if (url.Hosts[0].Host.Any(c => !char.IsLetterOrDigit(c) && !".-_:%".Contains(c)))
            throw new UnreadableText("its host holds a character that no host has");
        foreach (var (i, (key, value)) in url.Query.Index())
            if (Impossible.Contains(key) && (key, value) is not ("verify", "verify_peer"))
                throw new UnreadableText($"{key} is not possible here: certificates are verified by those that the system trusts");
            else if (!Unused.Contains(key) && key != "verify")
                throw new UnreadableText($"parameter {i + 1} is none that RabbitMQ knows");
        return new(
            isEncrypted, url.Hosts[0].Host, url.Hosts[0].Port ?? (isEncrypted ? 5671 : 5672),
            url.User is { Length: > 0 } user ? user : "guest", url.Password ?? "guest", VhostOf(url));
    }

    // `//`, which a client of Python's has for the vhost `/`, is taken as it is meant; another slash has to be encoded.
    private static string VhostOf(ServerUrl url) => url.RawPath switch
    {
        "" or "/" => "/",
        var raw when raw.Contains('/') => throw new UnreadableText("its vhost holds a slash that is not percent-encoded (%2F)"),
        _ => url.Path,
    };

    public override string ToString() => $"RabbitMQ at {HostInUrl}:{Port}";

    /// <summary>As URLs have it: an IPv6 address in brackets.</summary>
    internal string HostInUrl => Host.Contains(':') ? $"[{Host}]" : Host;

    internal ConnectionFactory Factory() => new()
    {
        HostName = Host,
        Port = Port,
        UserName = User,
        Password = Password,
        VirtualHost = Vhost,
        Ssl = new SslOption(Host, enabled: IsEncrypted),
        AutomaticRecoveryEnabled = false,
        ClientProvidedName = "ldc",
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        ContinuationTimeout = TimeSpan.FromSeconds(10),
    };
}
