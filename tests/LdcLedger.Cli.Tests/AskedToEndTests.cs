using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LdcLedger.Ledger.Postgres;
using Npgsql;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>What runs until it is asked to end has done its work then, whatever it was doing when it was asked.</summary>
public sealed class AskedToEndTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("serve", "TERM")]
    [InlineData("serve", "INT")]
    [InlineData("worker", "TERM")]
    public async Task While_a_server_that_never_answers_is_waited_for(string verb, string signal)
    {
        using var study = new SmallStudy();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        using var process = Ldc.Start(study["."], new Dictionary<string, string>(study.Settings)
        {
            ["LDC_POSTGRES"] = $"Host=127.0.0.1;Port={port};Username=ldc;Password=x;Database=ldc",
            ["LDC_RABBITMQ"] = $"amqp://ldc:x@127.0.0.1:{port}/ldc",
            ["LDC_ARTIFACTS"] = study["artifacts"],
        }, verb);
        using var asks = await silent.AcceptTcpClientAsync(Cancellation);
        await EndAsync(process, signal);
    }

    // ReadModelProgress.CatchUpAsync asks so.
    private const string Waiting =
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'select coalesce(max(seq_id), 0) from %'";

    [Fact]
    public async Task While_the_read_models_of_one_machine_are_brought_up_to_date()
    {
        using var study = new SmallStudy();
        var settings = new Dictionary<string, string>(study.Settings) { ["LDC_RABBITMQ"] = "" };
        using var process = Ldc.Start(study["."], settings, "serve", "--listen", $"127.0.0.1:{Ldc.FreePort()}");
        await Ldc.LineAsync(process, "Dashboard: ");
        await using var server = await PrivatePostgres.StartAsync(settings["LDC_DATA"], Cancellation);
        await using var data = NpgsqlDataSource.Create(server.ConnectionString);
        await using var holder = await data.OpenConnectionAsync(Cancellation);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await using (var held = new NpgsqlCommand("lock table ledger.mt_events in access exclusive mode", holder))
            await held.ExecuteNonQueryAsync(Cancellation);
        await using var waiting = data.CreateCommand(Waiting);
        while ((long)(await waiting.ExecuteScalarAsync(Cancellation))! == 0)
            await Task.Delay(20, Cancellation);
        await EndAsync(process, "TERM");
    }

    private static async Task EndAsync(Process process, string signal)
    {
        using (Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await Ldc.ExitAsync(process);
        Assert.Equal(0, process.ExitCode);
    }
}
