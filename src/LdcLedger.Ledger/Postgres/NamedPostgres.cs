using System.Security.Authentication;
using System.Security.Cryptography;
using LdcLedger.Ledger.Settings;
using Npgsql;

namespace LdcLedger.Ledger.Postgres;

/// <summary>
/// The PostgreSQL that <c>LDC_POSTGRES</c> names: whether it can be reached, and whether it can hold a ledger. What is in the way is one
/// sentence with what to do.
/// </summary>
internal static class NamedPostgres
{
    /// <exception cref="LedgerUnavailable">It cannot be reached, refuses us, or cannot hold a ledger.</exception>
    public static async Task CheckAsync(PostgresAddress address, CancellationToken cancellation)
    {
        // As every later connection is made: what stands between may refuse just that.
        var connectionString = LedgerDatabase.WithOurSettings(address.ConnectionString) + ";Pooling=false";
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellation);
            var state = await DatabaseState.OfAsync(connection, connectionString, cancellation);
            if (state.WhyUnfit(address) is { } why)
                throw new LedgerUnavailable(why);
        }
        catch (Exception cause) when (cause is not (LedgerUnavailable or OutOfMemoryException) && !cancellation.IsCancellationRequested)
        {
            throw new LedgerUnavailable(Sentence(address, cause), cause);
        }
    }

    private static string Sentence(PostgresAddress address, Exception cause)
    {
        // Of several hosts, what the last one said; the others most often say the same.
        if (cause.WithCauses().OfType<AggregateException>().FirstOrDefault() is { InnerExceptions: [.., var last] } several)
            return several.InnerExceptions.OfType<PostgresException>().FirstOrDefault() is { } refusal
                ? Refusal(address, refusal)
                : Sentence(address, last);
        var said = string.Join(' ', cause.WithCauses().Select(c => c.Message));
        var settings = new NpgsqlConnectionStringBuilder(address.ConnectionString);
        return cause switch
        {
            PostgresException refusal => Refusal(address, refusal),
            _ when said.Contains("No password has been provided", StringComparison.Ordinal) =>
                $"{address} requires a password for user {settings.Username ?? Environment.UserName}, and LDC_POSTGRES has none.",
            _ when said.Contains("No SSL enabled connection", StringComparison.Ordinal) =>
                $"{address} offers no TLS, and the sslmode of LDC_POSTGRES asks for it.",
            _ when said.Contains("suitable host", StringComparison.Ordinal) =>
                $"{address} cannot be reached: no host is there that can be written to.",
            _ when said.Contains("certificate was rejected", StringComparison.Ordinal) =>
                $"{address} shows a certificate that is not trusted here, or of another host: check sslmode and sslrootcert in "
                + "LDC_POSTGRES.",
            _ when cause.WithCauses().FirstOrDefault(c => c is AuthenticationException) is { } tls =>
                $"{address} and this machine do not agree on TLS ({tls.Message.TrimEnd('.')}): "
                + "check sslmode, sslrootcert, sslcert and sslkey in LDC_POSTGRES.",
            _ when cause.WithCauses().Any(c => c is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException
                or CryptographicException) && settings.Host?.StartsWith('/') != true =>
                $"{address} cannot be asked ({Innermost(cause)}): check LDC_POSTGRES.",
            FormatException => $"{address} cannot be asked, since the password file ({settings.Passfile ?? "PGPASSFILE or ~/.pgpass"}) "
                + "cannot be read: a line is hostname:port:database:username:password.",
            NpgsqlException or System.Net.Sockets.SocketException or TimeoutException =>
                $"{address} cannot be reached ({Innermost(cause)}): check host and port in LDC_POSTGRES and that the server runs.",
            _ => $"{address} cannot be asked ({Innermost(cause)}): check LDC_POSTGRES.",
        };
    }

    private static string Innermost(Exception cause) => (cause.InnerException ?? cause).Message.ReplaceLineEndings(" ").TrimEnd('.');

    private static string Refusal(PostgresAddress address, PostgresException refusal)
    {
        var advice = refusal.SqlState switch
        {
            PostgresErrorCodes.InvalidAuthorizationSpecification when refusal.MessageText.Contains("pg_hba", StringComparison.Ordinal) =>
                "let its pg_hba.conf accept this machine, user and database, or set another sslmode",
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                "check user and password in LDC_POSTGRES",
            PostgresErrorCodes.InvalidCatalogName =>
                $"create it (createdb {new NpgsqlConnectionStringBuilder(address.ConnectionString).Database}) "
                + "or name another in LDC_POSTGRES",
            PostgresErrorCodes.TooManyConnections => "end some of them, or raise its max_connections",
            PostgresErrorCodes.CannotConnectNow => "wait until it has started",
            PostgresErrorCodes.ProtocolViolation when refusal.MessageText.Contains("startup parameter", StringComparison.Ordinal) =>
                DatabaseState.NameTheServer,
            PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.SyntaxError =>
                "check options in LDC_POSTGRES",
            _ => "check LDC_POSTGRES",
        };
        return $"{address} refuses: {refusal.MessageText.ReplaceLineEndings(" ").TrimEnd('.')}; {advice}.";
    }
}
