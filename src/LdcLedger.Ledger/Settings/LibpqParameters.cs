using System.Globalization;
using Npgsql;

namespace LdcLedger.Ledger.Settings;

/// <summary>
/// Every parameter that libpq knows, and what it is here: a setting of Npgsql's, something that Npgsql has not and whose absence changes
/// nothing, or something that cannot be had and is refused. A value is taken as it stands or not at all.
/// </summary>
internal static class LibpqParameters
{
    private const int KernelKeepaliveIdle = 7200, KernelKeepaliveInterval = 75;   // seconds; Linux' own

    private static readonly IReadOnlyList<(string, SslMode)> SslModes =
    [
        ("disable", SslMode.Disable), ("allow", SslMode.Allow), ("prefer", SslMode.Prefer), ("require", SslMode.Require),
        ("verify-ca", SslMode.VerifyCA), ("verify-full", SslMode.VerifyFull),
    ];

    private static readonly IReadOnlyList<Parameter> All =
    [
        // host, hostaddr and port stand for lists that belong together: see Hosts.
        Parameter.Taken("host", (_, _) => { }), Parameter.Taken("hostaddr", (_, _) => { }), Parameter.Taken("port", (_, _) => { }),
        Parameter.Taken("dbname", (to, value) => to.Database = value),
        Parameter.Taken("user", (to, value) => to.Username = value),
        Parameter.Taken("password", (to, value) => to.Password = value),
        Parameter.Taken("passfile", (to, value) => to.Passfile = value),
        Parameter.Taken("options", (to, value) => to.Options = value),
        Parameter.Taken("fallback_application_name", (to, value) => to.ApplicationName ??= value),
        Parameter.Taken("application_name", (to, value) => to.ApplicationName = value),
        Parameter.Taken("connect_timeout", (to, value) => to.Timeout = Whole("connect_timeout", value, NpgsqlTimeoutLimit)),
        Parameter.Taken("keepalives", (_, value) => Choice("keepalives", value, [("0", false), ("1", true)])),   // see Keepalives
        Parameter.Taken("keepalives_idle", (to, value) => to.TcpKeepAliveTime = Whole("keepalives_idle", value)),
        Parameter.Taken("keepalives_interval", (to, value) => to.TcpKeepAliveInterval = Whole("keepalives_interval", value)),
        Parameter.Taken("sslmode", (to, value) => to.SslMode = Choice("sslmode", value, SslModes)),
        Parameter.Taken("requiressl", (to, value) => to.SslMode = value == "1" ? SslMode.Require : SslMode.Prefer),
        Parameter.Taken("sslnegotiation", (to, value) => to.SslNegotiation = Choice("sslnegotiation", value,
            [("postgres", SslNegotiation.Postgres), ("direct", SslNegotiation.Direct)])),
        Parameter.Taken("sslrootcert", (to, value) => to.RootCertificate = value),
        Parameter.Taken("sslcert", (to, value) => to.SslCertificate = value),
        Parameter.Taken("sslkey", (to, value) => to.SslKey = value),
        Parameter.Taken("sslpassword", (to, value) => to.SslPassword = value),
        Parameter.Taken("channel_binding", (to, value) => to.ChannelBinding = Choice("channel_binding", value,
            [("disable", ChannelBinding.Disable), ("prefer", ChannelBinding.Prefer), ("require", ChannelBinding.Require)])),
        Parameter.Taken("krbsrvname", (to, value) => to.KerberosServiceName = value),
        Parameter.Taken("target_session_attrs", (to, value) => to.TargetSessionAttributes = Choice("target_session_attrs", value,
            [("any", "any"), ("read-write", "read-write"), ("read-only", "read-only"), ("primary", "primary"), ("standby", "standby"),
                ("prefer-standby", "prefer-standby")])),
        Parameter.Taken("load_balance_hosts", (to, value) => to.LoadBalanceHosts = Choice("load_balance_hosts", value,
            [("disable", false), ("random", true)])),

        // How soon a broken connection is noticed, what no server of today asks for, or what is so anyway.
        Parameter.Unused("keepalives_count"), Parameter.Unused("tcp_user_timeout"), Parameter.Unused("client_encoding"),
        Parameter.Unused("authtype"), Parameter.Unused("tty"), Parameter.Unused("gsslib"), Parameter.Unused("sslcompression"),
        Parameter.Unused("sslsni", "1"), Parameter.Unused("gssencmode", "disable", "prefer"), Parameter.Unused("gssdelegation", "0"),
        Parameter.Unused("sslcertmode", "allow"), Parameter.Unused("replication", "0", "false", "off", "no"),
        Parameter.Unused("min_protocol_version", "3.0"), Parameter.Unused("max_protocol_version", "3.0", "3.2", "latest"),

        Parameter.Refused("service", "no service file is read: write what it holds"),
        Parameter.Refused("servicefile", "no service file is read: write what it holds"),
        Parameter.Refused("sslcrl"), Parameter.Refused("sslcrldir"), Parameter.Refused("ssl_min_protocol_version"),
        Parameter.Refused("ssl_max_protocol_version"), Parameter.Refused("sslkeylogfile"), Parameter.Refused("requirepeer"),
        Parameter.Refused("require_auth"), Parameter.Refused("scram_client_key"), Parameter.Refused("scram_server_key"),
        Parameter.Refused("oauth_issuer"), Parameter.Refused("oauth_client_id"), Parameter.Refused("oauth_client_secret"),
        Parameter.Refused("oauth_scope"),
    ];

    private const int NpgsqlTimeoutLimit = 1024;   // seconds

    /// <summary>In capitals, too: what is almost libpq's form is read rather than taken for another.</summary>
    public static bool Knows(string key) => Find(key) is not null;

    /// <summary>What the parameters say, for Npgsql; and which of them have no effect.</summary>
    /// <param name="parameters">Where one stands twice, the last counts; an empty value is none.</param>
    /// <exception cref="UnreadableText">One is unknown, cannot have its value, or cannot be had.</exception>
    public static (NpgsqlConnectionStringBuilder Settings, IReadOnlyList<string> Unused) Read(
        IReadOnlyList<(string Key, string Value)> parameters)
    {
        var given = new Dictionary<string, string>();
        foreach (var (key, value) in parameters)
            given[(Find(key) ?? throw new UnreadableText("a parameter is none that libpq knows (sslmode, application_name, ...)")).Name] =
                value;
        var (to, unused) = (new NpgsqlConnectionStringBuilder(), new List<string>());
        foreach (var parameter in All)
            if (given.TryGetValue(parameter.Name, out var value) && value.Length > 0 && !parameter.Use(to, value))
                unused.Add(parameter.Name);
        Hosts(given, to);
        Keepalives(given.GetValueOrDefault("keepalives"), to);
        Certificates(to);
        return (to, unused);
    }

    private static Parameter? Find(string key) => All.FirstOrDefault(p => string.Equals(p.Name, key, StringComparison.OrdinalIgnoreCase));

    private static void Hosts(Dictionary<string, string> given, NpgsqlConnectionStringBuilder to)
    {
        var (names, addresses) = (List("host"), List("hostaddr"));
        if (names.Any(n => n.Length > 0) && addresses.Length > 0)
            throw new UnreadableText("host and hostaddr together are not possible here: give one of them");
        var hosts = addresses.Length > 0 ? addresses : names.Length > 0 ? names : [""];
        var ports = List("port");
        if (ports.Length > 1 && ports.Length != hosts.Length)
            throw new UnreadableText($"there are {ports.Length} ports for {hosts.Length} hosts");
        var all = hosts.Select((host, i) =>
        {
            var port = ports.Length == 0 || ports[ports.Length > 1 ? i : 0] is not { Length: > 0 } number
                ? NpgsqlConnection.DefaultPort : Whole("port", number, 65535, least: 1);
            return (Host: host.Length > 0 ? host : OwnSocket(port), Port: port);
        }).ToList();
        if (all is [var (only, its)])
            (to.Host, to.Port) = (only, its);
        else
            to.Host = string.Join(',', all.Select(a => string.Create(
                CultureInfo.InvariantCulture, $"{(a.Host.Contains(':') ? $"[{a.Host}]" : a.Host)}:{a.Port}")));

        string[] List(string name) => given.GetValueOrDefault(name, "") is { Length: > 0 } list ? list.Split(',') : [];
    }

    // Where a server of this machine listens: Debian's folder or the one of PostgreSQL's own making; libpq is built with one of them.
    private static string OwnSocket(int port) =>
        ((string[])["/var/run/postgresql", "/tmp"]).FirstOrDefault(folder => File.Exists($"{folder}/.s.PGSQL.{port}")) ?? "localhost";

    // Only where something is said of them: leases have their own. A Unix socket knows none.
    private static void Keepalives(string? wanted, NpgsqlConnectionStringBuilder to)
    {
        var (idle, interval) = (to.TcpKeepAliveTime, to.TcpKeepAliveInterval);
        to.Remove("TCP Keepalive Time");
        to.Remove("TCP Keepalive Interval");
        if (wanted == "0" || (wanted is null or "" && idle == 0 && interval == 0) || to.Host is ['/' or '@', ..])
            return;
        to.TcpKeepAlive = true;
        if (idle == 0 && interval == 0)
            return;
        // Npgsql wants both or none.
        (to.TcpKeepAliveTime, to.TcpKeepAliveInterval) =
            (idle > 0 ? idle : KernelKeepaliveIdle, interval > 0 ? interval : KernelKeepaliveInterval);
    }

    private static void Certificates(NpgsqlConnectionStringBuilder to)
    {
        if (to.RootCertificate == "system")
        {
            if (to.Keys.Contains("SSL Mode") && to.SslMode != SslMode.VerifyFull)
                throw new UnreadableText("sslrootcert=system needs sslmode=verify-full");
            to.Remove("Root Certificate");
            to.SslMode = SslMode.VerifyFull;
        }
        // Where there is a root certificate, libpq's `require` verifies by it; Npgsql's does not.
        else if (to.SslMode == SslMode.Require && to.RootCertificate is not null)
            to.SslMode = SslMode.VerifyCA;
    }

    private static int Whole(string name, string value, int most = int.MaxValue, int least = int.MinValue) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? Math.Max(0, number)
            : throw new UnreadableText(string.Create(CultureInfo.InvariantCulture,
                $"{name} is a whole number{(most < int.MaxValue ? $" of at most {most}" : "")}"));

    private static T Choice<T>(string name, string value, IReadOnlyList<(string Word, T Means)> words) =>
        words.Where(w => w.Word == value).Select(w => (Found: true, w.Means)).FirstOrDefault() is (true, var means)
            ? means
            : throw new UnreadableText($"{name} is one of {string.Join(", ", words.Select(w => w.Word))}");

    /// <param name="Use">Whether it has an effect.</param>
    private sealed record Parameter(string Name, Func<NpgsqlConnectionStringBuilder, string, bool> Use)
    {
        public static Parameter Taken(string name, Action<NpgsqlConnectionStringBuilder, string> set) => new(name, (to, value) =>
        {
            set(to, value);
            return true;
        });

        /// <param name="values">Those that change nothing; none: all.</param>
        public static Parameter Unused(string name, params string[] values) => new(name, (_, value) =>
            values.Length == 0 || values.Contains(value, StringComparer.OrdinalIgnoreCase)
                ? false
                : throw new UnreadableText($"{name} can only be {string.Join(" or ", values)} here"));

        public static Parameter Refused(string name, string why = "leave it out, or set it in the server") =>
            new(name, (_, _) => throw new UnreadableText($"{name} is not possible here ({why})"));
    }
}
