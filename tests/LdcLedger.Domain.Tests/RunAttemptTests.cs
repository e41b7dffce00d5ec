using LdcLedger.Domain.Runs;
using Xunit;

namespace LdcLedger.Domain.Tests;

/// <summary>Who had a run when, told by its events alone.</summary>
public sealed class RunAttemptTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Study = Guid.Parse("2f1f3c52-6d3b-4b0e-9a51-0d7a6f3f2c11");
    private static readonly Guid Run = Guid.Parse("00000000-0000-0000-0000-000000000001");

    private static readonly WorkerEnvironment Gpu = new("lab-07", "Debian", "EPYC", "cuda:0", 2, ".NET 10", "libtorch 2.10 cuda", "0.2.0");

    [Fact]
    public void A_worker_that_vanishes_loses_what_it_did_since_its_last_fact_and_the_wait()
    {
        var attempts = Told(
            (0, new RunClaimed(Study, Run, 1, "lab-07/1", Gpu)),
            (70, new CheckpointSaved(Study, Run, 1, 16, "a", 1, 60)),        // recorded late: its own clock is believed
            (400, new RunClaimed(Study, Run, 2, "lab-08/1", Gpu)),
            (400, new RunClaimed(Study, Run, 2, "lab-08/1", Gpu)),           // delivered again
            (900, new RunReleased(Study, Run, 1, "its journal, hours late")),
            (430, new CheckpointSaved(Study, Run, 2, 32, "b", 1, 30)),
            (500, new RunCompleted(Study, Run, 2, 32, 1, 90)));
        Assert.Equal(
            [
                new(Run, 1, "lab-07/1", "lab-07", "cuda:0", Noon, 60, RunAttempt.Lost, 340),
                new(Run, 2, "lab-08/1", "lab-07", "cuda:0", Noon.AddSeconds(400), 90, Outcomes.Completed, null),
            ],
            attempts);
    }

    [Fact]
    public void One_that_is_given_back_fails_or_goes_on_loses_nothing()
    {
        var attempts = Told(
            (0, new RunClaimed(Study, Run, 1, "lab-07/1", Gpu)),
            (40, new RunReleased(Study, Run, 1, "stopped")),
            (50, new RunClaimed(Study, Run, 2, "lab-07/1", Gpu)),
            (80, new RunFailed(Study, Run, 2, "NaN", 17, null)),
            (90, new RunClaimed(Study, Run, 3, "lab-07/1", Gpu)),
            (95, new CheckpointSaved(Study, Run, 3, 16, "a", 1)));           // from before checkpoints stated their time
        Assert.Equal(
            [(RunAttempt.Released, 40.0, null), (Outcomes.Failed, 30.0, null), (RunStatuses.Running, 5.0, (double?)null)],
            attempts.Select(a => (a.How, a.Seconds, a.SilentSeconds)));
    }

    [Fact]
    public void The_last_of_too_many_is_lost_until_the_run_is_abandoned()
    {
        var last = Assert.Single(Told(
            (0, new RunClaimed(Study, Run, 1, "lab-07/1", Gpu)), (30, new RunAbandoned(Study, Run, 1, "no checkpoint"))));
        Assert.Equal((Outcomes.Abandoned, 0.0, 30.0), (last.How, last.Seconds, last.SilentSeconds));
    }

    private static IReadOnlyList<RunAttempt> Told(params (int Second, ILedgerEvent Fact)[] facts) =>
        RunAttempt.Of(facts.Select(fact => (fact.Fact, Noon.AddSeconds(fact.Second))));
}
