using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Store;
using Npgsql;
using Xunit;

namespace LdcLedger.Cluster.Tests.Deployment;

public sealed class RolesHaveNoMoreThanTheyNeed(ClusterServers servers)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<(string App, string Reader)> Roles()
    {
        var postgres = await servers.Postgres;
        var owner = await postgres.FreshDatabase();
        await (await LedgerStore.OpenAsync(owner, cancellation: Cancellation)).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(owner);
        var script = await File.ReadAllTextAsync(Repository.PathOf("infra/postgres/roles.sql"), Cancellation);
        for (var time = 0; time < 2; time++)   // it may be run again, after an upgrade
            await source.CreateCommand(script).ExecuteNonQueryAsync(Cancellation);
        return (As(owner, "ldc_app"), As(owner, "ldc_reader"));

        static string As(string database, string role) => new NpgsqlConnectionStringBuilder(database) { Username = role }.ConnectionString;
    }

    private static async Task<LedgerStore> Recorded(string address)
    {
        var store = await LedgerStore.OpenAsync(address, cancellation: Cancellation);
        var recorded = await new LedgerWriter(store, TimeProvider.System).RecordAsync(
            [new AggregationRuleDefined(AggregationRule.BlockSum)], cancellation: Cancellation);
        Assert.Equal(1, recorded.New);
        return store;
    }

    [Fact]
    public async Task The_app_opens_the_ledger_and_appends_and_reads_events()
    {
        await using var store = await Recorded((await Roles()).App);
        Assert.Equal(1L, await store.DataSource.CreateCommand("select count(*) from ledger.mt_events").ExecuteScalarAsync(Cancellation));
    }

    [Theory]
    [InlineData("update ledger.mt_events set data = '{}'")]
    [InlineData("delete from ledger.mt_events")]
    [InlineData("truncate ledger.mt_events")]
    [InlineData("delete from ledger.mt_streams")]
    [InlineData("alter table ledger.mt_events disable trigger all")]
    [InlineData("drop table ledger.mt_events")]
    [InlineData("create table ledger.mine (n int)")]
    [InlineData("create table public.mine (n int)")]
    [InlineData("update ledger.tables_version set version = 0")]
    [InlineData("update ledger.ledger_identity set id = gen_random_uuid()")]
    [InlineData("update ledger.tree_blocks set first = 0")]
    [InlineData("delete from ledger.tree_nodes")]
    public async Task The_app_may_not(string statement)
    {
        await using var store = await Recorded((await Roles()).App);
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => store.DataSource.CreateCommand(statement).ExecuteNonQueryAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task The_reader_reads_and_does_nothing_else()
    {
        var roles = await Roles();
        await (await Recorded(roles.App)).DisposeAsync();
        await using var reader = NpgsqlDataSource.Create(roles.Reader);
        Assert.Equal(1L, await reader.CreateCommand("select count(*) from ledger.mt_events").ExecuteScalarAsync(Cancellation));
        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            reader.CreateCommand("insert into ledger.mt_streams (id) values (gen_random_uuid())").ExecuteNonQueryAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }
}
