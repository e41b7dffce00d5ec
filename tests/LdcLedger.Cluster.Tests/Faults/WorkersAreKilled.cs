using System.Collections.Concurrent;
using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Cluster.Tests.Studies;
using Xunit;

namespace LdcLedger.Cluster.Tests.Faults;

[Collection(OneSmallStudy.Name)]
public sealed class WorkersAreKilled(ClusterServers servers, SmallStudy study)
{
    /// <summary>
    /// A run of the small study takes about a second from its claim to its end: most are killed before, and yet they get on.
    /// </summary>
    private const int LatestMilliseconds = 700;

    /// <summary><c>LDC_TEST_KILLS=50</c> is the long form: each is a start of a worker more.</summary>
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("LDC_TEST_KILLS"), out var set) ? set : 8;

    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["LDC_CHECKPOINT_SECONDS"] = "0.05",
        ["LDC_MAX_ATTEMPTS"] = "1000",   // killed at random, a run may well be killed before its first checkpoint, again and again
    };

    [Fact]
    public async Task Kills_at_random_moments_of_one_study_change_no_number()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        await cluster.Serve();
        var workers = new ConcurrentDictionary<int, ServerProcess>();
        for (var i = 0; i < 4; i++)
            BeginOne();
        var id = await cluster.Submit(study.Spec);
        var (random, seen, kills) = (new Random(50), 0L, 0);
        var killing = new List<Task>();
        await cluster.Until(async () =>
        {
            foreach (var (place, _, _, process) in await cluster.Claims(seen + 1))
            {
                seen = place;
                if (kills < Kills && workers.TryGetValue(process, out var victim))
                {
                    kills++;
                    killing.Add(KillAsync(victim, random.Next(LatestMilliseconds)));
                }
            }
            return kills == Kills || await cluster.Count($"stream_id = '{id}' and type = 'study_completed'") > 0;
        }, $"{Kills} kills", TimeSpan.FromMinutes(4));
        await Task.WhenAll(killing);
        await cluster.EndsLike(study, id, TimeSpan.FromMinutes(2));
        Assert.Equal(Kills, kills);
        var claims = await cluster.Claims();
        Assert.True(claims.Max(c => c.Attempt) > 1, "Hardly a run was killed.");

        async Task KillAsync(ServerProcess victim, int milliseconds)
        {
            await Task.Delay(milliseconds);
            await victim.Kill();
            BeginOne();
        }

        void BeginOne()
        {
            var worker = cluster.BeginWorker(Settings);
            workers[worker.Id] = worker;
        }
    }
}
