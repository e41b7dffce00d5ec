using System.Globalization;
using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Cluster.Tests.Studies;
using Xunit;

namespace LdcLedger.Cluster.Tests.Faults;

/// <summary>All faults mixed at random. <c>infra/chaos.sh</c> runs this for as long as one likes.</summary>
[Collection(OneSmallStudy.Name)]
public sealed class ChaosChangesNothing(ClusterServers servers, SmallStudy undisturbed)
{
    private static readonly TimeSpan Long =
        TimeSpan.FromMinutes(double.Parse(Setting("LDC_CHAOS_MINUTES", "0.1"), CultureInfo.InvariantCulture));
    private static readonly int Seed = int.Parse(Setting("LDC_CHAOS_SEED", "1"), CultureInfo.InvariantCulture);

    [Fact]
    public async Task Faults_mixed_at_random_lose_nothing_and_double_nothing()
    {
        await using var cluster = await ClusterOfProcesses.Create(servers);
        var chaos = new Chaos(cluster, await servers.RabbitMq, await servers.Postgres, Seed);
        chaos.Tend();
        var studies = new List<Guid> { await cluster.Submit(undisturbed.Spec) };
        await cluster.Holds(1, "type = 'run_claimed'", TimeSpan.FromMinutes(1));
        var begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < Long)
        {
            await chaos.Strike();
            if (await HasEnded(cluster, studies[^1]))
                studies.Add(await cluster.Submit(undisturbed.Spec, fresh: true));
        }
        await cluster.Until(async () =>
        {
            chaos.Tend();
            return await HasEnded(cluster, studies[^1]);
        }, "the last study's end", TimeSpan.FromMinutes(3));

        var (lost, doubled) = (0, 0);
        foreach (var study in studies)
        {
            var found = await Measured.Findings(cluster.Database, study);
            lost += undisturbed.Findings.Except(found).Count();
            doubled += found.Count - found.Intersect(undisturbed.Findings).Count();
        }
        var runs = await cluster.Count("type = 'run_planned'");
        Report(
            $"seed {Seed}: {chaos.Injected.Values.Sum()} faults "
                + $"({string.Join(", ", chaos.Injected.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Value} {f.Key}"))})",
            $"{studies.Count} studies, {runs} runs in {await cluster.Count("type = 'run_claimed'")} attempts, "
                + $"{await cluster.Count("true")} events, duplicates {doubled}, lost {lost}");
        Assert.Equal((0, 0), (lost, doubled));
        Assert.Equal(runs, await cluster.Count("type = 'run_completed'"));
        Assert.Equal(runs, await cluster.Count("type = 'run_settled'"));
        Assert.Equal(2 * studies.Count, await cluster.Count("type = 'stage2_planned'"));
        Assert.Equal(studies.Count, await cluster.Count("type = 'study_completed'"));
        Assert.Contains("everything is as it was recorded", await cluster.Ask("ledger", "verify"), StringComparison.Ordinal);
        Assert.NotEmpty(chaos.Injected);
    }

    private static async Task<bool> HasEnded(ClusterOfProcesses cluster, Guid study) =>
        await cluster.Count($"stream_id = '{study}' and type = 'study_completed'") > 0;

    private static void Report(params string[] lines)
    {
        foreach (var line in lines)
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (Setting("LDC_CHAOS_REPORT", "") is { Length: > 0 } file)
            File.WriteAllLines(file, lines);
    }

    private static string Setting(string variable, string usual) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? set : usual;
}
