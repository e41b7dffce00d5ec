using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Store;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Postgres;

/// <summary>A user who lacks a right is told which, and what to do, in one sentence.</summary>
public sealed class LedgerRightsTests(TestServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_may_not_create_read_or_change_the_tables_is_told_who_may()
    {
        var owner = await server.CreateDatabaseAsync("rights");
        var stranger = new NpgsqlConnectionStringBuilder(owner) { Options = "-c role=stranger" }.ConnectionString;
        await ExecuteAsync(owner, "create role stranger");
        Assert.Contains("holds no ledger yet", (await RefusedAsync(stranger)).Message, StringComparison.Ordinal);

        await using (await LedgerStore.OpenAsync(owner, cancellation: Cancellation))
            Assert.Contains("may not read the ledger", (await RefusedAsync(stranger)).Message, StringComparison.Ordinal);

        await ExecuteAsync(owner, """
            grant usage on schema ledger to stranger;
            grant select on all tables in schema ledger to stranger;
            update ledger.tables_version set version = 1;
            """);
        var older = await RefusedAsync(stranger);
        Assert.Contains("tables are of version 1", older.Message, StringComparison.Ordinal);
        Assert.Contains("infra/postgres/roles.sql", older.Message, StringComparison.Ordinal);

        await ExecuteAsync(owner, "update ledger.tables_version set version = 99");
        Assert.Contains("install a newer ldc", (await RefusedAsync(owner)).Message, StringComparison.Ordinal);
    }

    private static async Task<LedgerUnavailable> RefusedAsync(string connectionString)
    {
        var refused =
            await Assert.ThrowsAsync<LedgerUnavailable>(() => LedgerStore.OpenAsync(connectionString, cancellation: Cancellation));
        Assert.DoesNotContain('\n', refused.Message);
        return refused;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
