using System.Data.Common;
using System.Text.RegularExpressions;
using Npgsql;

namespace LdcLedger.Ledger.Settings;

/// <summary>
/// Where PostgreSQL is, from <c>LDC_POSTGRES</c>: a URL or the keywords and values that libpq reads, or a connection string of Npgsql's.
/// </summary>
public sealed partial class PostgresAddress
{
    /// <summary>What the setting may look like.</summary>
    public const string Forms = "postgresql://user:password@host:port/database?sslmode=..., host=... user=... password=... dbname=..., "
        + "or Host=...;Username=...;Password=...;Database=...";

    // libpq's names for what Npgsql calls otherwise.
    private static readonly Dictionary<string, string> NpgsqlNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["user"] = "Username", ["dbname"] = "Database", ["sslrootcert"] = "Root Certificate", ["sslcert"] = "SSL Certificate",
        ["application_name"] = "Application Name", ["connect_timeout"] = "Timeout", ["channel_binding"] = "Channel Binding",
        ["target_session_attrs"] = "Target Session Attributes",
    };

    private PostgresAddress(NpgsqlConnectionStringBuilder settings, IReadOnlyList<string> unused)
    {
        (ConnectionString, Unused) = (settings.ConnectionString, unused);
        Name = $"PostgreSQL at {(settings.Host!.Contains(',') ? settings.Host : $"{settings.Host}:{settings.Port}")}";
    }

    /// <summary>Npgsql's form; it may hold a password.</summary>
    public string ConnectionString { get; }

    /// <summary>Parameters of libpq's that were given and have no effect here.</summary>
    public IReadOnlyList<string> Unused { get; }

    private string Name { get; }

    /// <summary>Server and port, for messages.</summary>
    public override string ToString() => Name;

    /// <summary>Null where <c>LDC_POSTGRES</c> is not set: then this machine has a server of its own.</summary>
    /// <exception cref="SettingRefused">It cannot be read.</exception>
    public static PostgresAddress? FromEnvironment() => EnvironmentSecret.Read("LDC_POSTGRES") is { } text ? Parse(text) : null;

    /// <exception cref="SettingRefused">The text is no such address; says why, and quotes nothing of it.</exception>
    public static PostgresAddress Parse(string text)
    {
        try
        {
            var (settings, unused) = Read(text.Trim());
            ForOneHostOrMany(settings);
            Look(settings);
            return new(settings, unused);
        }
        catch (UnreadableText unreadable)
        {
            throw new SettingRefused($"LDC_POSTGRES cannot be read: {unreadable.Message}; it is {Forms}.");
        }
    }

    private static (NpgsqlConnectionStringBuilder, IReadOnlyList<string>) Read(string text)
    {
        if (text is ['\'' or '"', .., var last] && last == text[0])
            throw new UnreadableText("it stands in quotes, which are for the shell: leave them out");
        if (text.Contains('\0'))
            throw new UnreadableText("it holds a NUL character");
        if (Url().Match(text) is { Success: true } url)
            return LibpqParameters.Read(ParametersOf(ServerUrl.Parse(text[url.Length..])));
        if (text.StartsWith("jdbc:", StringComparison.OrdinalIgnoreCase))
            throw new UnreadableText("it is an address of JDBC's, without jdbc: and with user and password before the host it is the first "
                + "of these");
        if (AnyScheme().IsMatch(text))
            throw new UnreadableText("it begins like the address of something else");
        var pairs = PairsOf(text);
        if (pairs is not null && text.Contains(';') && pairs.All(p => new NpgsqlConnectionStringBuilder().ContainsKey(p.Key)
            || NpgsqlNames.ContainsKey(p.Key)))
            return (OfNpgsql(pairs), []);
        // What holds more pairs by its spaces than by its semicolons.
        if (KeywordValues.Parse(text) is { } keywords && keywords.All(k => LibpqParameters.Knows(k.Key))
            && keywords.Count >= (pairs?.Count ?? 0))
            return LibpqParameters.Read(keywords);
        return (OfNpgsql(pairs ?? throw new UnreadableText("it is none of the forms")), []);
    }

    private static IReadOnlyList<(string, string)> ParametersOf(ServerUrl url)
    {
        var parameters = new List<(string, string)>
        {
            ("host", string.Join(',', url.Hosts.Select(h => h.Host))), ("port", string.Join(',', url.Hosts.Select(h => $"{h.Port}"))),
            ("user", url.User ?? ""), ("password", url.Password ?? ""), ("dbname", url.Path),
        };
        if (url.Hosts.All(h => h.Port is null))
            parameters.RemoveAt(1);
        // As JDBC has it; libpq reads it, too.
        parameters.AddRange(url.Query.Select(q => q is ("ssl", "true") ? ("sslmode", "require") : q));
        return parameters;
    }

    private static IReadOnlyList<(string Key, string Value)>? PairsOf(string text)
    {
        try
        {
            var pairs = new DbConnectionStringBuilder { ConnectionString = text };
            return pairs.Count == 0 ? null : [.. pairs.Keys.Cast<string>().Select(key => (key.ToLowerInvariant(), $"{pairs[key]}"))];
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static NpgsqlConnectionStringBuilder OfNpgsql(IReadOnlyList<(string Key, string Value)> pairs)
    {
        var settings = new NpgsqlConnectionStringBuilder();
        foreach (var (i, (key, value)) in pairs.Index())
        {
            if (NpgsqlNames.TryGetValue(key, out var name))
                throw new UnreadableText($"between semicolons {key} is called {name}");
            if (!settings.ContainsKey(key))
                throw new UnreadableText($"key {i + 1} is none of Npgsql's (a value with a semicolon, an equals sign or a quote stands in "
                    + "quotes)");
            try
            {
                // libpq's spelling, verify-full, means the same.
                settings[key] = key is "ssl mode" or "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
            }
            catch (ArgumentException)
            {
                throw new UnreadableText($"its {key} is no value that Npgsql takes");
            }
        }
        return settings.Host is { Length: > 0 } ? settings : throw new UnreadableText("it names no host");
    }

    // Npgsql looks at what a server is only where there are several. That the one we have can be written to, opening it tells.
    private static void ForOneHostOrMany(NpgsqlConnectionStringBuilder settings)
    {
        if (settings.TargetSessionAttributes?.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal) is "standby" or "readonly")
            throw new UnreadableText("the ledger is written to, which a standby or read-only session does not allow");
        if (!settings.Host!.Contains(','))
            settings.Remove("Target Session Attributes");
    }

    // Whatever is printed, by us or by the server, must be what its name says: a value that has swallowed others may hold a password.
    private static void Look(NpgsqlConnectionStringBuilder settings)
    {
        foreach (var host in settings.Host!.Split(','))
            if (host is not ['/' or '@', ..] && host.Any(c => !char.IsLetterOrDigit(c) && !".-_:[]%".Contains(c)))
                throw new UnreadableText("its host holds a character that no host has; only one form may be used, with its own separators");
        foreach (string key in settings.Keys)
            if (key is not ("Password" or "SSL Password") && settings[key] is string value && Swallowed().IsMatch(value))
                throw new UnreadableText("one of its values holds further settings; only one form may be used, with its own separators");
    }

    // SQLAlchemy adds a driver, which says nothing about the server.
    [GeneratedRegex(@"^postgres(ql)?(\+[a-z0-9_]+)?://", RegexOptions.IgnoreCase)]
    private static partial Regex Url();

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase)]
    private static partial Regex AnyScheme();

    [GeneratedRegex(@"\b(password|passwd|pwd|psw)\s*=|://.*@", RegexOptions.IgnoreCase)]
    private static partial Regex Swallowed();
}
