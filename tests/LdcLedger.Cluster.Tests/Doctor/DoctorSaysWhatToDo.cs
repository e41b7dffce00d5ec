using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Store;
using Npgsql;
using RabbitMQ.Client;
using Xunit;

namespace LdcLedger.Cluster.Tests.Doctor;

public sealed class DoctorSaysWhatToDo(ClusterServers servers) : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
    private readonly string _data = Directory.CreateTempSubdirectory("ldc-doctor-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private async Task<(int Code, string[] Lines)> Examine(string postgres, Uri rabbitMq)
    {
        var (code, output) = await Ldc.Run(
            new Dictionary<string, string?> { ["LDC_POSTGRES"] = postgres, ["LDC_RABBITMQ"] = rabbitMq.ToString(), ["LDC_DATA"] = _data },
            "doctor");
        return (code, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_healthy_cluster_is_fine_line_by_line()
    {
        var (code, lines) = await Examine(await (await servers.Postgres).FreshDatabase(), (await servers.RabbitMq).FreshVhost());
        Assert.All(lines, l => Assert.StartsWith("fine ", l, StringComparison.Ordinal));
        Assert.Equal(0, code);
        string[] subjects =
        [
            "PostgreSQL", "ledger", "clock", "RabbitMQ", "consumer timeout", "error queue", "libtorch", "CUDA", "arithmetic", "data folder",
        ];
        foreach (var subject in subjects)
            Assert.Single(lines, l => l.StartsWith($"fine   {subject}: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_is_named_with_what_to_do()
    {
        var postgres = await servers.Postgres;
        var (code, lines) = await Examine(postgres.Address("nowhere"), (await servers.RabbitMq).Address("v0", "stranger"));
        Assert.Equal(1, code);
        Assert.Contains(lines,
            l => l.StartsWith("TO DO  PostgreSQL: ", StringComparison.Ordinal)
            && l.Contains("createdb nowhere", StringComparison.Ordinal));
        Assert.Contains(lines,
            l => l.StartsWith("TO DO  RabbitMQ: ", StringComparison.Ordinal)
            && l.Contains("set_permissions -p v0 stranger", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ledger_of_a_newer_version_is_not_touched()
    {
        var database = await (await servers.Postgres).FreshDatabase();
        await using (var store = await LedgerStore.OpenAsync(database, cancellation: Cancellation))
            await store.DataSource.CreateCommand("update ledger.tables_version set version = 99").ExecuteNonQueryAsync(Cancellation);
        var (code, lines) = await Examine(database, (await servers.RabbitMq).FreshVhost());
        Assert.Equal(1, code);
        Assert.Contains(lines,
            l => l.StartsWith("TO DO  ledger: its tables are of version 99", StringComparison.Ordinal)
            && l.EndsWith("install a newer ldc.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_user_who_may_not_append_is_told_which_role_may()
    {
        var postgres = await servers.Postgres;
        var database = await postgres.FreshDatabase();
        await (await LedgerStore.OpenAsync(database, cancellation: Cancellation)).DisposeAsync();
        await using (var source = NpgsqlDataSource.Create(database))
            await source.CreateCommand("""
                do $$ begin if not exists (select from pg_roles where rolname = 'guest') then create role guest login; end if; end $$;
                grant usage on schema ledger to guest; grant select on all tables in schema ledger to guest
                """).ExecuteNonQueryAsync(Cancellation);
        var (_, lines) = await Examine(new NpgsqlConnectionStringBuilder(database) { Username = "guest" }.ConnectionString,
            (await servers.RabbitMq).FreshVhost());
        Assert.Contains(lines,
            l => l.StartsWith("TO DO  ledger: user guest may not append events: run infra/postgres/roles.sql", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unreadable_messages_show_with_their_reason()
    {
        var vhost = (await servers.RabbitMq).FreshVhost();
        await using (var connection = await new ConnectionFactory { Uri = vhost }.CreateConnectionAsync(Cancellation))
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancellation))
        {
            await channel.QueueDeclareAsync(TrainQueue.Errors, durable: true, exclusive: false, autoDelete: false,
                cancellationToken: Cancellation);
            var properties = new BasicProperties { Headers = new Dictionary<string, object?> { ["MT-Fault-Message"] = "no JSON" } };
            await channel.BasicPublishAsync("", TrainQueue.Errors, true, properties, new byte[] { 1 }, Cancellation);
        }
        var (code, lines) = await Examine(await (await servers.Postgres).FreshDatabase(), vhost);
        Assert.Equal(1, code);
        Assert.Contains(lines,
            l => l.StartsWith("TO DO  error queue: 1 messages of ldc-train_error could not be read (no JSON)", StringComparison.Ordinal));
    }
}
