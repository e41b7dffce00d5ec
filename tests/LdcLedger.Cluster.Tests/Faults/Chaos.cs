using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Ledger.Broker;
using RabbitMQ.Client;

namespace LdcLedger.Cluster.Tests.Faults;

/// <summary>
/// Two <c>ldc serve</c> and three workers that are started again whenever they have ended, as a supervisor would, and everything that
/// can happen to them, at random.
/// </summary>
internal sealed class Chaos(ClusterOfProcesses cluster, RabbitMqNode broker, PostgresNode postgres, int seed)
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["LDC_CHECKPOINT_SECONDS"] = "0.05",
        ["LDC_MAX_ATTEMPTS"] = "1000",   // what is killed at random may be killed before its first checkpoint, again and again
    };

    private readonly Random _random = new(seed);
    private readonly ServerProcess?[] _serves = new ServerProcess?[2];
    private readonly (string Machine, ServerProcess? Process)[] _workers =
        [.. Enumerable.Range(0, 3).Select(_ => (cluster.NewMachine(), (ServerProcess?)null))];

    /// <summary>How many of each kind there were.</summary>
    public Dictionary<string, int> Injected { get; } = [];

    /// <summary>Starts again whatever has ended.</summary>
    public void Tend()
    {
        for (var i = 0; i < _serves.Length; i++)
            if (_serves[i] is not { HasExited: false })
                _serves[i] = cluster.BeginServe();
        for (var i = 0; i < _workers.Length; i++)
            if (_workers[i].Process is not { HasExited: false })
                _workers[i].Process = cluster.BeginWorker(Settings, _workers[i].Machine);
    }

    /// <summary>One fault at a random moment, and its end.</summary>
    public async Task Strike()
    {
        await Task.Delay(_random.Next(200, 1_500));
        var (kind, strike) = _random.Next(16) switch
        {
            < 6 => ("workers killed", (Func<Task>)(() => Worker().Kill())),
            < 8 => ("serves killed", () => Serve().Kill()),
            8 => ("workers frozen", () => Frozen(Worker())),
            9 => ("serves frozen", () => Frozen(Serve())),
            10 => ("zombies", () => Frozen(Worker(), BreakConnections)),
            11 => ("connections broken", BreakConnections),
            12 => ("purges", () => RabbitMqNode.Purge(cluster.Vhost, TrainQueue.Name, Stage2Queue.Name)),
            13 => ("messages doubled", Double),
            14 => ("restarts of RabbitMQ", RestartBroker),
            _ => ("absences of PostgreSQL", () => cluster.Without(postgres, () => Task.Delay(_random.Next(100, 5_000)))),
        };
        await strike();
        Injected[kind] = Injected.GetValueOrDefault(kind) + 1;
        Tend();
    }

    private ServerProcess Worker() => _workers[_random.Next(_workers.Length)].Process!;

    private ServerProcess Serve() => _serves[_random.Next(_serves.Length)]!;

    private async Task Frozen(ServerProcess process, Func<Task>? meanwhile = null)
    {
        process.Freeze();
        if (meanwhile is not null)
            await meanwhile();
        await Task.Delay(_random.Next(500, 4_000));
        process.Thaw();
    }

    private Task BreakConnections() => broker.Control("close_all_connections", "--vhost", cluster.Vhost.AbsolutePath.Trim('/'), "chaos");

    private async Task RestartBroker()
    {
        await broker.Stop();
        await broker.Continue();
    }

    /// <summary>Every message that waits comes twice more, the last one first.</summary>
    private async Task Double()
    {
        await using var connection = await new ConnectionFactory { Uri = cluster.Vhost }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var waiting = new List<BasicGetResult>();
        while (await channel.BasicGetAsync(TrainQueue.Name, autoAck: false) is { } message)
            waiting.Add(message);
        foreach (var message in Enumerable.Reverse(waiting).Concat(waiting))
            await channel.BasicPublishAsync("", TrainQueue.Name, true, new BasicProperties(message.BasicProperties), message.Body);
    }   // closing the channel puts back what was taken
}
