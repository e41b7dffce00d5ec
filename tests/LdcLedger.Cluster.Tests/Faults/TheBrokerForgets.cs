using System.Net;
using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Cluster.Tests.Studies;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Relay;
using RabbitMQ.Client;
using Xunit;

namespace LdcLedger.Cluster.Tests.Faults;

[Collection(OneSmallStudy.Name)]
public sealed class TheBrokerForgets(ClusterServers servers, SmallStudy study)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restarted_and_then_purged_in_the_middle_it_is_refilled_from_the_ledger()
    {
        var broker = await servers.RabbitMq;
        await using var cluster = await ClusterOfProcesses.Create(servers);
        var (serve, pages) = await cluster.ServeWithPages();
        using var looking = pages;
        await cluster.Worker();
        var id = await cluster.Submit(study.Spec);
        await cluster.Holds(1, "type = 'checkpoint_saved'", TimeSpan.FromSeconds(60));
        await broker.Stop();
        await cluster.Until(async () => await SaysThatItIsAway(pages, id) == true, "the study's page says so", TimeSpan.FromSeconds(30));
        await broker.Continue();
        await cluster.Until(async () => await SaysThatItIsAway(pages, id) == false, "and no more when it is back",
            TimeSpan.FromSeconds(60));
        await cluster.Holds(1, "type = 'stage2_planned'", TimeSpan.FromSeconds(60));
        // Runs of stage 2 wait now, and nothing but their messages would bring them to the worker.
        await cluster.Until(
            async () => await RabbitMqNode.Waiting(cluster.Vhost, TrainQueue.Name) > 0, "waiting messages", TimeSpan.FromSeconds(20));
        await RabbitMqNode.Purge(cluster.Vhost, TrainQueue.Name, Stage2Queue.Name);
        await serve.Says("the broker has lost messages");
        await cluster.EndsLike(study, id, TimeSpan.FromMinutes(2));
    }

    // Null: it was asked for too often, and is to be asked for again.
    private static async Task<bool?> SaysThatItIsAway(HttpClient pages, Guid study)
    {
        using var answer = await pages.GetAsync($"studies/{study}", Cancellation);
        if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            return null;
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
        return (await answer.Content.ReadAsStringAsync(Cancellation)).Contains("RabbitMQ cannot be reached", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_message_ten_times_and_out_of_order_is_the_same_as_once()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        await using var connection = await new ConnectionFactory { Uri = cluster.Vhost }.CreateConnectionAsync(Cancellation);
        await using var runs = await Echo.Of(connection, typeof(TrainRun), TrainQueue.Name);
        await using var ends = await Echo.Of(connection, typeof(RunEnded), Stage2Queue.Name);
        await Task.WhenAll(cluster.Worker(), cluster.Worker());
        var id = await cluster.Submit(study.Spec);
        await cluster.EndsLike(study, id, TimeSpan.FromMinutes(2));
        await cluster.Until(
            async () => await RabbitMqNode.Waiting(cluster.Vhost, TrainQueue.Name)
                + await RabbitMqNode.Waiting(cluster.Vhost, Stage2Queue.Name) == 0,
            "all messages handled", TimeSpan.FromSeconds(30));
        await cluster.EndsLike(study, id, TimeSpan.Zero);
        Assert.Equal(await cluster.Count("type = 'run_planned'"), await cluster.Count("type = 'run_claimed'"));
        Assert.True(runs.Echoed >= 9 * 8 && ends.Echoed >= 9 * 8, $"Only {runs.Echoed} and {ends.Echoed} messages came again.");
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_waits_in_the_error_queue_and_the_doctor_tells()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        await cluster.Worker();
        await using (var connection = await new ConnectionFactory { Uri = cluster.Vhost }.CreateConnectionAsync(Cancellation))
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancellation))
        {
            var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json" };
            foreach (var queue in new[] { TrainQueue.Name, Stage2Queue.Name })
                await channel.BasicPublishAsync("", queue, true, properties, "no JSON"u8.ToArray(), Cancellation);
        }
        var (doctor, said) = (0, "");
        await cluster.Until(async () =>
        {
            (doctor, said) = await cluster.Try("doctor");
            return said.Contains("2 messages of", StringComparison.Ordinal);
        }, "two unreadable messages", TimeSpan.FromSeconds(30));
        Assert.Equal(1, doctor);
        var line = Assert.Single(said.Split('\n'), l => l.StartsWith("TO DO", StringComparison.Ordinal));
        Assert.Contains($"2 messages of {TrainQueue.Errors} and {Stage2Queue.Errors} could not be read", line, StringComparison.Ordinal);
        Assert.DoesNotContain("no reason given", line, StringComparison.Ordinal);
        // The next ones are read.
        var id = await cluster.Submit(study.Write("after", epochs: 1, domains: "cpp", stage2: false));
        await cluster.Ended(id, TimeSpan.FromMinutes(1));
    }
}

/// <summary>
/// Listens to the messages of one type and puts nine more copies of each into the queue they go to: between others, later ones first.
/// </summary>
internal sealed class Echo : IAsyncDisposable
{
    private const int Copies = 9;
    private readonly Random _random = new(9);
    private readonly List<(BasicProperties Properties, byte[] Body)> _kept = [];
    private readonly SemaphoreSlim _one = new(1);
    private readonly IChannel _channel;
    private readonly string _to;

    private Echo(IChannel channel, string to) => (_channel, _to) = (channel, to);

    public int Echoed { get; private set; }

    public static async Task<Echo> Of(IConnection connection, Type message, string queue)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellation);
        var exchange = $"{message.Namespace}:{message.Name}";   // as MassTransit names it
        await channel.ExchangeDeclareAsync(exchange, "fanout", durable: true, cancellationToken: cancellation);
        var tap = await channel.QueueDeclareAsync(cancellationToken: cancellation);
        await channel.QueueBindAsync(tap.QueueName, exchange, "", cancellationToken: cancellation);
        var echo = new Echo(channel, queue);
        var consumer = new RabbitMQ.Client.Events.AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) => echo.Again(new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray());
        await channel.BasicConsumeAsync(tap.QueueName, autoAck: true, consumer, cancellation);
        return echo;
    }

    private async Task Again(BasicProperties properties, byte[] body)
    {
        await _one.WaitAsync();
        try
        {
            _kept.Add((properties, body));
            // Copies of all that came so far, the newest among them, in any order.
            var some = Enumerable.Repeat(_kept[^1], Copies).Concat(_kept).ToArray();
            _random.Shuffle(some);
            foreach (var (copy, content) in some)
                await _channel.BasicPublishAsync("", _to, true, copy, content);
            Echoed += some.Length;
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        _one.Dispose();
    }
}
