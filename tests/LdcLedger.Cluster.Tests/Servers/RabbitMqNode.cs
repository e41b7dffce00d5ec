using System.Globalization;
using RabbitMQ.Client;

namespace LdcLedger.Cluster.Tests.Servers;

/// <summary>
/// A RabbitMQ node of the tests' own, from the installed server programs, as the current user, with a port mapper of its own: it
/// sees no other node of the machine and none sees it. Vhosts <c>v0</c> to <c>v49</c> exist from the start; user <c>ldc</c> may use
/// them, user <c>stranger</c> may not.
/// </summary>
internal sealed class RabbitMqNode : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin";
    private readonly string _folder;
    private readonly Dictionary<string, string?> _environment;
    private readonly ServerProcess _portMapper;
    private ServerProcess _server;
    private int _vhosts = -1;

    private RabbitMqNode(string folder, int port, Dictionary<string, string?> environment, ServerProcess portMapper, ServerProcess server)
    {
        (_folder, Port, _environment, _portMapper, _server) = (folder, port, environment, portMapper, server);
    }

    public int Port { get; }

    /// <summary>Address of a vhost that no other test was given.</summary>
    public Uri FreshVhost() => Address($"v{Interlocked.Increment(ref _vhosts)}");

    public Uri Address(string vhost, string user = "ldc") => new($"amqp://{user}:{user}@127.0.0.1:{Port}/{vhost}");

    public static async Task<RabbitMqNode> Start()
    {
        if (!File.Exists($"{Programs}/rabbitmq-server"))
            throw new FileNotFoundException($"These tests need RabbitMQ's server programs in {Programs}: run infra/setup.sh --tests.");
        var folder = Directory.CreateTempSubdirectory("ldc-rabbitmq-").FullName;
        var (port, distribution, mapper) = (ServerProcess.FreePort(), ServerProcess.FreePort(), ServerProcess.FreePort());
        await File.WriteAllTextAsync($"{folder}/rabbitmq.conf", $"""
            consumer_timeout = 172800000
            loopback_users = none
            load_definitions = {folder}/definitions.json
            """);
        await File.WriteAllTextAsync($"{folder}/enabled_plugins", "[].");
        var vhosts = Enumerable.Range(0, 50).Select(i => $"v{i}").ToList();
        var permissions = vhosts.Select(v => $$"""{"user":"ldc","vhost":"{{v}}","configure":".*","write":".*","read":".*"}""");
        await File.WriteAllTextAsync($"{folder}/definitions.json", $$"""
            {"users":[{"name":"ldc","password":"ldc","tags":""},{"name":"stranger","password":"stranger","tags":""}],
             "vhosts":[{{string.Join(',', vhosts.Select(v => $$"""{"name":"{{v}}"}"""))}}],
             "permissions":[{{string.Join(',', permissions)}}],
             "queues":[],"exchanges":[],"bindings":[],"policies":[],"parameters":[]}
            """);
        var environment = new Dictionary<string, string?>
        {
            ["detached"] = "true",   // the start script then becomes the server, instead of waiting for it
            ["HOME"] = folder,
            ["RABBITMQ_NODENAME"] = $"ldc{port}@localhost",
            ["RABBITMQ_BASE"] = folder,
            ["RABBITMQ_MNESIA_BASE"] = $"{folder}/mnesia",
            ["RABBITMQ_LOG_BASE"] = $"{folder}/log",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = distribution.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_CONFIG_FILE"] = $"{folder}/rabbitmq",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = $"{folder}/enabled_plugins",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-start_epmd false",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = mapper.ToString(CultureInfo.InvariantCulture),
        };
        var portMapper = ServerProcess.Start("epmd", ["-port", $"{mapper}", "-address", "127.0.0.1"]);
        await portMapper.Listens(mapper, TimeSpan.FromSeconds(10));
        var node = new RabbitMqNode(
            folder, port, environment, portMapper, ServerProcess.Start($"{Programs}/rabbitmq-server", [], environment));
        await node.IsUp();
        return node;
    }

    /// <summary>Ends the server as an operator would; queues and persistent messages stay on its disk.</summary>
    public async Task Stop()
    {
        _server.Terminate();
        await _server.Exit(TimeSpan.FromSeconds(60));
    }

    public async Task Continue()
    {
        await _server.DisposeAsync();
        _server = ServerProcess.Start($"{Programs}/rabbitmq-server", [], _environment);
        await IsUp();
    }

    /// <summary>Throws away every message of these queues that waits.</summary>
    public static async Task Purge(Uri vhost, params string[] queues)
    {
        await using var connection = await new ConnectionFactory { Uri = vhost }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in queues)
            await channel.QueuePurgeAsync(queue);
    }

    /// <summary>Messages that wait in a queue, those being worked on not counted.</summary>
    public static async Task<uint> Waiting(Uri vhost, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = vhost }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }

    public Task<string> Control(params string[] arguments) => ServerProcess.Run($"{Programs}/rabbitmqctl", arguments, _environment);

    private async Task IsUp()
    {
        await _server.Listens(Port, TimeSpan.FromSeconds(180));
        await _server.Says("completed with", TimeSpan.FromSeconds(180));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _portMapper.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
