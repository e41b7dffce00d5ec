using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Cluster.Tests.Studies;
using LdcLedger.Worker.Runs;
using Xunit;

namespace LdcLedger.Cluster.Tests.Faults;

[Collection(OneSmallStudy.Name)]
public sealed class AStudyIsCancelled(ClusterServers servers, SmallStudy study)
{
    [Fact]
    public async Task Its_runs_stop_within_one_logging_interval_and_nothing_more_of_it_starts()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        await cluster.Worker();
        var id = await cluster.Submit(study.Write("long", epochs: 2_000));
        await cluster.Holds(1, "type = 'checkpoint_saved'", TimeSpan.FromSeconds(60));
        await cluster.Ask("study", "cancel", id.ToString("D"), "--reason", "wrong corpus");
        await cluster.Ended(id, TimeSpan.FromSeconds(30));

        var asked = await Seconds("type = 'study_cancel_requested'");
        Assert.InRange(await Seconds("type = 'run_cancelled'") - asked, 0, RunWork.LookInterval.TotalSeconds + 2);
        const string asking = "select timestamp from ledger.mt_events where type = 'study_cancel_requested'";
        Assert.Equal(0, await cluster.Count($"type = 'run_claimed' and timestamp > ({asking})"));
        Assert.Equal(0, await cluster.Count("type = 'stage2_planned'"));
        Assert.Equal(4, await cluster.Count($"correlation_id = '{id}' and type in ('run_completed', 'run_cancelled')"));
        Assert.Equal(await cluster.Count("type = 'run_cancelled'"),
            await cluster.Count("type = 'run_settled' and data ->> 'outcome' = 'cancelled' "
                + "and data ->> 'reason' = 'the study was cancelled: wrong corpus'"));
        // Its worker is free for others.
        var next = await cluster.Submit(study.Write("next", epochs: 1, domains: "cpp", stage2: false));
        await cluster.Ended(next, TimeSpan.FromMinutes(1));

        async Task<double> Seconds(string where) => (double)(await cluster.Database.CreateCommand(
            $"select extract(epoch from max(timestamp))::float8 from ledger.mt_events where {where}")
                .ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
