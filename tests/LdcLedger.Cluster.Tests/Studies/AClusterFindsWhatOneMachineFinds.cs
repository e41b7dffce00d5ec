using LdcLedger.Cluster.Tests.Servers;
using Xunit;

namespace LdcLedger.Cluster.Tests.Studies;

[Collection(OneSmallStudy.Name)]
public sealed class AClusterFindsWhatOneMachineFinds(ClusterServers servers, SmallStudy study)
{
    [Fact]
    public async Task Three_workers_give_the_same_numbers_bit_for_bit_and_train_what_another_rule_adds()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        await Task.WhenAll(cluster.Worker(), cluster.Worker(), cluster.Worker());
        var id = await cluster.Submit(study.Spec);
        await cluster.Ended(id, TimeSpan.FromMinutes(3));
        Assert.Equal(study.Numbers, await cluster.Numbers(id));
        Assert.Equal(
            await cluster.Count($"correlation_id = '{id}' and type = 'run_planned'"),
            await cluster.Count($"correlation_id = '{id}' and type = 'run_claimed'"));
        Assert.Equal(1, await cluster.Count($"stream_id = '{id}' and type = 'study_completed'"));

        var extended = await cluster.Ask("study", "extend", id.ToString(), "--rule", "component-frobenius", "--submit");
        Assert.Contains("is extended by rule component-frobenius", extended, StringComparison.Ordinal);
        await cluster.Ask("study", "watch", id.ToString());
        Assert.Equal(2, await cluster.Count($"stream_id = '{id}' and type = 'study_completed'"));
        Assert.Equal(2 * 2, await cluster.Count($"stream_id = '{id}' and type = 'stage2_planned'"));
        var planned = await cluster.Count($"correlation_id = '{id}' and type = 'run_planned'");
        Assert.Equal(planned, await cluster.Count($"correlation_id = '{id}' and type = 'run_completed'"));
        Assert.Contains("The study has every run", await cluster.Ask("rules", "diff", "block-sum", "component-frobenius", id.ToString()),
            StringComparison.Ordinal);
    }
}
