using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Cluster.Tests.Studies;
using Xunit;

namespace LdcLedger.Cluster.Tests.Faults;

[Collection(OneSmallStudy.Name)]
public sealed class TheDatabaseIsAway(ClusterServers servers, SmallStudy study)
{
    [Fact]
    public async Task A_run_ends_without_it_and_its_facts_are_appended_once_each_when_it_is_back()
    {
        var postgres = await servers.Postgres;
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        var machine = cluster.NewMachine();
        var worker = await cluster.Worker(machine);
        var id = await cluster.Submit(study.Spec);
        var watching = cluster.BeginWatch(id);
        await watching.Says("watching study");
        await cluster.Holds(1, "type = 'checkpoint_saved'", TimeSpan.FromSeconds(60));
        var (_, run, attempt, _) = (await cluster.Claims())[^1];
        await cluster.Without(postgres, async () =>
        {
            var said = await worker.Says("its facts wait in");
            Assert.Contains($"the ledger cannot be reached", said, StringComparison.Ordinal);
            Assert.Contains($"run {run} goes on", said, StringComparison.Ordinal);
            // The whole run, to its end; its worker has the file open, and alone.
            await cluster.Until(
                async () => (await ServerProcess.Run("cat", [Path.Combine(machine, "journal", $"{run}.{attempt}.journal")]))
                    .Contains("run_completed", StringComparison.Ordinal),
                "the run's end in the journal", TimeSpan.FromSeconds(60));
            await watching.Says("the ledger cannot be reached");
        });
        await worker.Says("the ledger is back, and has every fact that waited");
        await cluster.EndsLike(study, id, TimeSpan.FromMinutes(2));
        Assert.Equal(1, await cluster.Count($"stream_id = '{run}' and type = 'run_claimed'"));
        Assert.Empty(Directory.GetFiles(Path.Combine(machine, "journal")));
        // Who looked on lost nothing but the time in between.
        await watching.Says("the ledger is back");
        Assert.Equal(0, await watching.Exit(TimeSpan.FromSeconds(30)));
        Assert.Contains("8 runs completed, 0 failed", watching.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_worker_that_is_idle_leaves_the_run_to_the_one_that_trains_it()
    {
        var postgres = await servers.Postgres;
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        // One corpus and no stage 2: one run trains for seconds, and the other worker has nothing to do.
        var busy = await cluster.Worker();
        var id = await cluster.Submit(study.Write("lonely", epochs: 12, domains: "cpp", stage2: false));
        await cluster.Holds(1, "type = 'checkpoint_saved'", TimeSpan.FromSeconds(60));
        await cluster.Worker();
        var run = (await cluster.Claims())[^1].Run;
        await cluster.Without(postgres, () => busy.Says("its facts wait in"));
        await cluster.Ended(id, TimeSpan.FromMinutes(3));
        Assert.Equal(1, await cluster.Count($"stream_id = '{run}' and type = 'run_claimed'"));
    }
}
