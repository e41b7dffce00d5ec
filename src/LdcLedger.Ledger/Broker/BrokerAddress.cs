using LdcLedger.Ledger.Postgres;
using RabbitMQ.Client;

namespace LdcLedger.Ledger.Broker;

/// <summary>Where RabbitMQ is, from <c>LDC_RABBITMQ</c>: <c>amqp://user:password@host:port/vhost</c>, or <c>amqps://</c> for TLS.</summary>
public sealed class BrokerAddress
{
    private BrokerAddress(Uri uri) => Uri = uri;

    /// <summary>Holds the password: never print it, print <see cref="ToString"/>.</summary>
    private Uri Uri { get; }

    public string Vhost => System.Uri.UnescapeDataString(Uri.AbsolutePath.TrimStart('/')) is { Length: > 0 } named ? named : "/";

    public string User => System.Uri.UnescapeDataString(Uri.UserInfo.Split(':')[0]) is { Length: > 0 } named ? named : "guest";

    internal string Password => Uri.UserInfo.Split(':', 2) is [_, var password] ? System.Uri.UnescapeDataString(password) : "guest";

    public bool IsEncrypted => Uri.Scheme == "amqps";

    public string Host => Uri.Host;

    public int Port => Uri.Port > 0 ? Uri.Port : IsEncrypted ? 5671 : 5672;

    /// <summary>Null where <c>LDC_RABBITMQ</c> is not set: then everything runs in one process.</summary>
    public static BrokerAddress? FromEnvironment() =>
        EnvironmentSecret.Read("LDC_RABBITMQ") is { } text ? Parse(text) : null;

    /// <exception cref="BrokerUnavailable">The text is no such address.</exception>
    public static BrokerAddress Parse(string text)
    {
        // The value is not quoted: it may hold a password.
        if (!System.Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri)
            || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0
            || uri.AbsolutePath.Trim('/').Contains('/'))
            throw new BrokerUnavailable(
                "LDC_RABBITMQ cannot be read; it is amqp://user:password@host:port/vhost, or amqps:// for TLS.") { IsSetting = true };
        return new(uri);
    }

    public override string ToString() => $"RabbitMQ at {Host}:{Port}";

    internal ConnectionFactory Factory() => new()
    {
        Uri = new UriBuilder(Uri) { Path = "" }.Uri,
        VirtualHost = Vhost,
        AutomaticRecoveryEnabled = false,
        ClientProvidedName = "ldc",
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        ContinuationTimeout = TimeSpan.FromSeconds(10),
    };
}
