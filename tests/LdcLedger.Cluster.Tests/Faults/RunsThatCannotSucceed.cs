using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Cluster.Tests.Studies;
using Xunit;

namespace LdcLedger.Cluster.Tests.Faults;

[Collection(OneSmallStudy.Name)]
public sealed class RunsThatCannotSucceed(ClusterServers servers, SmallStudy study)
{
    [Fact]
    public async Task A_run_that_kills_its_process_each_time_is_abandoned_and_the_rest_goes_on_until_a_person_retries_it()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        var settings = new Dictionary<string, string?> { ["LDC_CHECKPOINT_SECONDS"] = "60" };   // never one
        var worker = cluster.BeginWorker(settings);
        var id = await cluster.Submit(study.Spec);
        await cluster.Holds(1, "type = 'run_planned'", TimeSpan.FromSeconds(10));
        var poisoned = (Guid)(await cluster.Database.CreateCommand(
            "select stream_id from ledger.mt_events where type = 'run_planned' and data ->> 'role' = 'all' and data ->> 'domain' = 'math'")
            .ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        // What the kernel does to a process that takes too much memory, each time that it has this run.
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await cluster.Holds(attempt, $"stream_id = '{poisoned}' and type = 'run_claimed'", TimeSpan.FromSeconds(60));
            await worker.Kill();
            worker = cluster.BeginWorker(settings);
        }
        await cluster.Ended(id, TimeSpan.FromMinutes(2));
        Assert.Equal(3, await cluster.Count($"stream_id = '{poisoned}' and type = 'run_claimed'"));
        const string reason = "3 attempts in a row ended without a new checkpoint";
        Assert.Equal(1, await cluster.Count($"stream_id = '{poisoned}' and type = 'run_abandoned' and data ->> 'reason' = '{reason}'"));
        Assert.Equal(1, await cluster.Count($"stream_id = '{id}' and type = 'stage2_planned'"));
        var (code, watched) = await cluster.Try("study", "watch", id.ToString("D"));
        Assert.Equal(1, code);
        Assert.Contains("5 runs completed, 0 failed, 0 cancelled, 1 abandoned", watched, StringComparison.Ordinal);
        Assert.Contains("tiny-llama / math / all / seed 1 abandoned: 3 attempts in a row", watched, StringComparison.Ordinal);

        // With more memory, it would go well: then its cell gets its stage 2, and the study is whole.
        await cluster.Ask("run", "retry", poisoned.ToString("D"), "--reason", "more memory");
        await cluster.Holds(
            1, $"stream_id = '{poisoned}' and type = 'run_retry_requested' and data ->> 'reason' = 'more memory'", TimeSpan.FromSeconds(5));
        await cluster.Holds(2, $"stream_id = '{id}' and type = 'study_completed'", TimeSpan.FromMinutes(2));
        Assert.Equal(study.Numbers, await cluster.Numbers(id));
        var (refused, says) = await cluster.Try("run", "retry", poisoned.ToString("D"));
        Assert.Equal(2, refused);
        Assert.Contains("has completed; only a failed, cancelled or abandoned run can be retried", says, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_loss_is_not_a_number_fails_once_and_holds_up_nothing_but_its_own_stage_2()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        await cluster.Worker();
        var id = await cluster.Submit(study.WriteWithANaN("nan"));
        await cluster.Ended(id, TimeSpan.FromMinutes(2));
        const string math = "data ->> 'domain' = 'math' and data ->> 'role' = 'all'";
        var failed = (Guid)(await cluster.Database.CreateCommand(
            $"select stream_id from ledger.mt_events where type = 'run_planned' and {math}")
            .ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        const string reason = "data ->> 'reason' like '%is not a finite number%'";
        Assert.Equal(1, await cluster.Count($"stream_id = '{failed}' and type = 'run_failed' and {reason}"));
        Assert.Equal(1, await cluster.Count($"stream_id = '{failed}' and type = 'run_claimed'"));
        Assert.Equal(1, await cluster.Count($"stream_id = '{id}' and type = 'stage2_planned'"));
        Assert.Equal(1, await cluster.Count($"stream_id = '{id}' and type = 'stage2_planned' and data ->> 'domain' = 'cpp'"));
        const string ends = "data ->> 'completed' = '5' and data ->> 'failed' = '1'";
        Assert.Equal(1, await cluster.Count($"stream_id = '{id}' and type = 'study_completed' and {ends}"));
        Assert.Equal(0u, await RabbitMqNode.Waiting(cluster.Vhost, LdcLedger.Ledger.Broker.TrainQueue.Name));
    }
}
