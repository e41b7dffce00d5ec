using System.Globalization;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Settings;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Postgres;

/// <summary>A database that cannot be reached, or cannot hold a ledger, is named with what to do.</summary>
public sealed class NamedPostgresTests(TestServer server)
{
    private const string Secret = "S3CRET";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<string> RefusalAsync(string postgres)
    {
        var refused = await Assert.ThrowsAsync<LedgerUnavailable>(() => LedgerDatabase.OpenAsync("", postgres, Cancellation));
        Assert.DoesNotContain('\n', refused.Message);
        Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.Ordinal);
        return refused.Message;
    }

    [Fact]
    public async Task A_database_of_another_encoding_is_refused()
    {
        var owner = await server.CreateDatabaseAsync("utf8");
        await ExecuteAsync(owner, "create database latin1 encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'");
        var message = await RefusalAsync(new NpgsqlConnectionStringBuilder(owner) { Database = "latin1" }.ConnectionString);
        Assert.Contains("has the encoding LATIN1, and a ledger needs UTF8: create another (createdb --encoding=UTF8", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_whose_sessions_are_read_only_is_refused()
    {
        var database = await server.CreateDatabaseAsync("reads");
        await ExecuteAsync(database, "alter database reads set default_transaction_read_only = on");
        Assert.Contains("Sessions of user ldc in database reads of ", await RefusalAsync(database), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("13.4", "UTF8", false, true, "is of version 13.4; 14 or newer is needed.")]
    [InlineData("15.0", "UTF8", true, true, "is a standby, which only reads: name its primary in LDC_POSTGRES.")]
    [InlineData("15.0", "UTF8", false, false, "does not set what a connection asks for (options); a connection pooler")]
    [InlineData("15.0", "SQL_ASCII", false, true, "has the encoding SQL_ASCII")]
    [InlineData("14.0", "UTF8", false, true, null)]
    public void What_a_database_says_of_itself_decides(string version, string encoding, bool standby, bool keeps, string? why)
    {
        var state = new DatabaseState(Version.Parse(version), "d", "u", encoding, standby, IsReadOnly: standby, keeps, KeepsSessions: true);
        var unfit = state.WhyUnfit(PostgresAddress.Parse("postgres://h:7/d"));
        if (why is null)
            Assert.Null(unfit);
        else
            Assert.Contains(why, unfit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://u:S3CRET@127.0.0.1:1/d", "cannot be reached (Connection refused): check host and port in LDC_POSTGRES")]
    [InlineData("postgres://u:S3CRET@127.0.0.1:1,127.0.0.1:2/d", "PostgreSQL at 127.0.0.1:1,127.0.0.1:2 cannot be reached (Connection ref")]
    [InlineData("postgres://u:S3CRET@127.0.0.1:3,127.0.0.1:4/d?target_session_attrs=read-write", "cannot be reached (Connection refused)")]
    [InlineData("host=/nowhere user=u password=S3CRET", "PostgreSQL at /nowhere:5432 cannot be reached (")]
    public async Task A_server_that_is_not_there_is_named(string postgres, string message) =>
        Assert.Contains(message, await RefusalAsync(postgres), StringComparison.Ordinal);

    [Theory]
    [InlineData("postgres://u:S3CRET%40-%2F%25@127.0.0.1:{0}/d?sslmode=disable")]
    [InlineData("postgres://u:S3CRET%40-%2F%25@127.0.0.1:{0}/d")]
    [InlineData("host=127.0.0.1 port={0} user=u password='S3CRET@-/%' dbname=d sslmode=disable")]
    [InlineData("Host=127.0.0.1;Port={0};Username=u;Password=S3CRET@-/%;Database=d;SSL Mode=Disable")]
    public async Task A_password_arrives_as_it_was_meant_and_a_wrong_one_is_not_said(string postgres)
    {
        await using var refusing = new RefusingServer();
        var message = await RefusalAsync(string.Format(CultureInfo.InvariantCulture, postgres, refusing.Port));
        Assert.Equal("S3CRET@-/%", await refusing.PasswordAsync);
        Assert.Equal($"PostgreSQL at 127.0.0.1:{refusing.Port} refuses: password authentication failed for user \"u\"; "
            + "check user and password in LDC_POSTGRES.", message);
    }

    [Theory]
    [InlineData("Username=stranger", "refuses: ")]
    [InlineData("Database=nowhere", "refuses: database \"nowhere\" does not exist; create it (createdb nowhere) or name another")]
    [InlineData("Options=-c nosuch=1", "refuses: unrecognized configuration parameter \"nosuch\"; check options in LDC_POSTGRES.")]
    [InlineData("SSL Mode=Require", "offers no TLS, and the sslmode of LDC_POSTGRES asks for it.")]
    public async Task What_a_server_refuses_is_quoted_with_what_to_do(string setting, string message)
    {
        var database = await server.CreateDatabaseAsync($"refuses_{setting.Length}_{message.Length}");
        Assert.Contains(message, await RefusalAsync($"{database};Password={Secret};{setting}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_one_of_several_hosts_that_can_be_written_to_is_taken()
    {
        var database = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync("one_of_two"));
        database.Host = $"127.0.0.1:1,{database.Host}:5432";
        database.TargetSessionAttributes = "read-write";
        await using var opened = await LedgerDatabase.OpenAsync("", database.ConnectionString, Cancellation);
        await using var source = LedgerDatabase.Source(LedgerDatabase.WithOurSettings(opened.ConnectionString));
        await using var ask = source.CreateCommand("show idle_in_transaction_session_timeout");
        Assert.Equal("10s", await ask.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    public void What_connections_are_asked_to_have_is_added_to_and_never_replaced()
    {
        var ours = new NpgsqlConnectionStringBuilder(
            LedgerDatabase.WithOurSettings("Host=h;Options=-c search_path=public;Application Name=mine;Maximum Pool Size=7"));
        Assert.Equal(("-c search_path=public -c idle_in_transaction_session_timeout=10s", "mine", 7, "UTC"),
            (ours.Options, ours.ApplicationName, ours.MaxPoolSize, ours.Timezone));
        Assert.Equal(("ldc", 40), (new NpgsqlConnectionStringBuilder(LedgerDatabase.WithOurSettings("Host=h")) is { } usual
            ? (usual.ApplicationName, usual.MaxPoolSize) : default));
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
