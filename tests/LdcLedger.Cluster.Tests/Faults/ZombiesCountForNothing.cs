using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Cluster.Tests.Studies;
using Xunit;

namespace LdcLedger.Cluster.Tests.Faults;

[Collection(OneSmallStudy.Name)]
public sealed class ZombiesCountForNothing(ClusterServers servers, SmallStudy study)
{
    [Fact]
    public async Task A_worker_that_comes_back_after_another_took_its_run_is_refused_and_stops()
    {
        var broker = await servers.RabbitMq;
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        var id = await cluster.Submit(study.Spec);
        var zombie = await cluster.Worker();
        // In the middle of a run that trains: it has a checkpoint, and is not through.
        await cluster.Holds(1, "type = 'checkpoint_saved'", TimeSpan.FromSeconds(60));
        zombie.Freeze();
        var (_, run, attempt, _) = (await cluster.Claims())[^1];
        await cluster.Worker();
        await broker.Control("close_all_connections", "--vhost", cluster.Vhost.AbsolutePath.Trim('/'), "the network broke");
        await cluster.Holds(
            1, $"stream_id = '{run}' and type = 'run_claimed' and data ->> 'attempt' = '{attempt + 1}'", TimeSpan.FromSeconds(60));
        zombie.Thaw();
        await zombie.Says($"run {run}: a newer attempt has it; attempt {attempt} stops, and nothing it computes from now on is recorded");
        await cluster.EndsLike(study, id, TimeSpan.FromMinutes(2));
        Assert.Equal(0, await cluster.Count($"""
            stream_id = '{run}' and causation_id in (
                select id::text from ledger.mt_events
                where stream_id = '{run}' and type = 'run_claimed' and data ->> 'attempt' = '{attempt}')
            and seq_id > (
                select seq_id from ledger.mt_events
                where stream_id = '{run}' and type = 'run_claimed' and data ->> 'attempt' = '{attempt + 1}')
            """));
    }

    [Fact]
    public async Task The_journal_of_an_attempt_that_was_superseded_is_discarded_by_its_name()
    {
        var postgres = await servers.Postgres;
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        var machine = cluster.NewMachine();
        var first = await cluster.Worker(machine);
        var id = await cluster.Submit(study.Spec);
        await cluster.Holds(1, "type = 'checkpoint_saved'", TimeSpan.FromSeconds(60));
        await cluster.Without(postgres, async () =>
        {
            await first.Says("its facts wait in");
            await first.Kill();
        });
        var journal = Assert.Single(Directory.GetFiles(Path.Combine(machine, "journal")));
        var (_, run, attempt, _) = (await cluster.Claims())[^1];
        Assert.Equal($"{run}.{attempt}.journal", Path.GetFileName(journal));
        var second = await cluster.Worker();
        await cluster.Holds(
            1, $"stream_id = '{run}' and type = 'run_claimed' and data ->> 'attempt' = '{attempt + 1}'", TimeSpan.FromSeconds(60));
        var again = await cluster.Worker(machine);
        await again.Says($"journal of run {run}, attempt {attempt}: a newer attempt has the run or it has ended");
        Assert.False(File.Exists(journal));
        await cluster.EndsLike(study, id, TimeSpan.FromMinutes(2));
        // The newest checkpoint was known to the journal alone; the one that the ledger knows was kept.
        Assert.DoesNotContain("starts again at step 0", second.Output, StringComparison.Ordinal);
    }
}
