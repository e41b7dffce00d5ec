using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Cluster.Tests.Studies;
using Xunit;

namespace LdcLedger.Cluster.Tests.Faults;

[Collection(OneSmallStudy.Name)]
public sealed class ServeIsKilled(ClusterServers servers, SmallStudy study)
{
    private static readonly TimeSpan TakesOverWithin = TimeSpan.FromSeconds(15);

    /// <summary>Each step of relay and saga follows from an event; of the first ones, <c>LDC_TEST_STEPS=all</c> has more.</summary>
    private static readonly (int Events, string Type)[] Steps = Environment.GetEnvironmentVariable("LDC_TEST_STEPS") == "all"
        ?
        [
            (1, "run_planned"), (1, "run_claimed"), (1, "run_completed"), (1, "run_settled"), (3, "run_completed"),
            (1, "stage2_planned"), (4, "run_settled"), (2, "stage2_planned"), (6, "run_completed"), (7, "run_settled"),
        ]
        : [(1, "run_planned"), (1, "run_completed"), (1, "stage2_planned"), (7, "run_settled")];

    [Fact]
    public async Task Between_any_two_steps_it_starts_every_run_once_and_stage_2_once()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        var serve = await cluster.Serve();
        await cluster.Worker();
        var id = await cluster.Submit(study.Spec);
        // It is killed right after an event, before or while it does what follows.
        foreach (var (events, type) in Steps)
        {
            await cluster.Holds(events, $"correlation_id = '{id}' and type = '{type}'", TimeSpan.FromSeconds(60));
            await serve.Kill();
            serve = await cluster.Serve();
        }
        await cluster.EndsLike(study, id, TimeSpan.FromMinutes(2));
        Assert.Equal(2, await cluster.Count($"stream_id = '{id}' and type = 'stage2_planned'"));
        Assert.Equal(await cluster.Count("type = 'run_planned'"), await cluster.Count("type = 'run_claimed'"));
    }

    [Fact]
    public async Task A_frozen_leader_is_replaced_within_15_seconds_and_only_stands_by_when_it_comes_back()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        var first = await cluster.Serve();
        await first.Says("this process leads");
        var second = await cluster.Serve();
        Assert.DoesNotContain("this process leads", second.Output, StringComparison.Ordinal);
        first.Freeze();
        await second.Says("this process leads", TakesOverWithin);
        first.Thaw();
        await first.Says("another process leads");
        await cluster.Worker();
        var id = await cluster.Submit(study.Write("led-by-the-second", epochs: 1, domains: "math", stage2: false));
        await cluster.Ended(id, TimeSpan.FromMinutes(1));
        // And killed, the other way round.
        await second.Kill();
        await cluster.Until(
            () => Task.FromResult(first.Output.Split("this process leads").Length == 3), "the first leads again", TakesOverWithin);
        var next = await cluster.Submit(study.Write("led-by-the-first", epochs: 1, domains: "cpp", stage2: false));
        await cluster.Ended(next, TimeSpan.FromMinutes(1));
    }
}
