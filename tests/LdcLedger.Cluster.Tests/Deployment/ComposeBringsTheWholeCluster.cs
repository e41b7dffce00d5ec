using System.Text.RegularExpressions;
using Xunit;
using static LdcLedger.Cluster.Tests.Deployment.ComposeFile;

namespace LdcLedger.Cluster.Tests.Deployment;

[Trait("Needs", "nothing")]
public sealed partial class ComposeBringsTheWholeCluster
{
    private static readonly ComposeFile Compose = new(Repository.PathOf("docker-compose.yml"));
    private static readonly string[] Ours = ["serve", "worker", "worker-cuda"];

    [Fact]
    public void Both_servers_serve_and_one_cpu_worker_start_and_the_cuda_worker_only_when_asked()
    {
        var started = Compose.Services.Where(s => !Has(Compose.Service(s), "profiles"));
        Assert.Equal(["postgres", "rabbitmq", "serve", "worker"], started.Order());
        Assert.Equal(["gpu"], List(Compose.Service("worker-cuda"), "profiles"));
        Assert.Equal(["worker", "--device", "cuda:0"], List(Compose.Service("worker-cuda"), "command"));
    }

    [Fact]
    public void Every_service_that_stays_up_is_checked_and_restarted() =>
        Assert.All(Compose.Services.Except(["ldc"]), s =>
        {
            var check = Map(Compose.Service(s), "healthcheck");
            Assert.Equal("CMD", List(check, "test")[0]);
            Assert.True(List(check, "test").Count > 1);
            Assert.All(new[] { "interval", "timeout", "retries" }, key => Assert.True(Has(check, key)));
            Assert.Equal("unless-stopped", Text(Compose.Service(s), "restart"));
        });

    [Fact]
    public void Ours_wait_for_healthy_servers_and_are_told_where_they_are() =>
        Assert.All(Ours, s =>
        {
            var service = Compose.Service(s);
            Assert.All(new[] { "postgres", "rabbitmq" }, server =>
                Assert.Equal("service_healthy", Text(Map(Map(service, "depends_on"), server), "condition")));
            var environment = Map(service, "environment");
            Assert.Contains("Host=postgres;", Text(environment, "LDC_POSTGRES"), StringComparison.Ordinal);
            Assert.Contains("@rabbitmq:5672/", Text(environment, "LDC_RABBITMQ"), StringComparison.Ordinal);
            Assert.Equal("/artifacts", Text(environment, "LDC_ARTIFACTS"));
        });

    [Fact]
    public void All_of_ours_share_one_artifact_volume_and_every_named_volume_is_declared()
    {
        Assert.All(Ours, s => Assert.Contains("artifacts:/artifacts", List(Compose.Service(s), "volumes")));
        var named = Compose.Services.Where(s => Has(Compose.Service(s), "volumes")).SelectMany(s => List(Compose.Service(s), "volumes"))
            .Select(v => v.Split(':')[0]).Where(v => PlainName().IsMatch(v)).Distinct();
        Assert.Equal(Compose.Volumes.Order(), named.Order());
        Assert.Contains("postgres:/var/lib/postgresql/data", List(Compose.Service("postgres"), "volumes"));
        Assert.Contains("rabbitmq:/var/lib/rabbitmq", List(Compose.Service("rabbitmq"), "volumes"));
    }

    [GeneratedRegex("^[a-z]+$")]
    private static partial Regex PlainName();

    [Fact]
    public void The_broker_is_given_the_timeout_that_hours_long_runs_need()
    {
        var mount = Assert.Single(List(Compose.Service("rabbitmq"), "volumes"), v => v.Contains("rabbitmq.conf", StringComparison.Ordinal));
        Assert.EndsWith(":ro", mount, StringComparison.Ordinal);
        var settings = File.ReadAllLines(Repository.PathOf(mount.Split(':')[0]));
        Assert.Contains("consumer_timeout = 172800000", settings);
    }

    [Fact]
    public void Every_image_is_pinned_and_every_build_file_exists_and_copies_what_exists()
    {
        Assert.All(Compose.Services, s => Assert.Matches(@":\d+\.\d+[\w.-]*$", Text(Compose.Service(s), "image")));
        var builds = Compose.Services.Where(s => Has(Compose.Service(s), "build")).Select(s => Map(Compose.Service(s), "build")).ToList();
        Assert.NotEmpty(builds);
        foreach (var file in builds.Select(b => Text(b, "dockerfile")).Distinct())
        {
            var lines = File.ReadAllLines(Repository.PathOf(file));
            Assert.All(lines.Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)),
                l => Assert.Matches(@":\d+\.\d+\.\d+[\w.-]*( AS \w+)?$", l));
            var copied = lines
                .Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal))
                .SelectMany(l => l.Split(' ')[1..^1]).ToList();
            Assert.NotEmpty(copied);
            Assert.All(copied, c => Assert.True(Path.Exists(Repository.PathOf(c)), $"{file} copies {c}, which is not there."));
            var let = File.ReadAllLines(Repository.PathOf(file + ".dockerignore")).Where(l => l.StartsWith('!')).Select(l => l[1..]);
            Assert.Equal(copied.Order(), let.Order());
        }
    }
}
