using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class Stage2PlanTests
{
    private static readonly Guid Study = new("11111111-1111-5111-8111-111111111111");

    [Fact]
    public void The_highest_layers_of_each_group_are_targeted_for_each_seed()
    {
        var (rankings, runs) = Plan(Stage2Spec.Default, [1, 2], Norms(1, mlp: [1, 5, 3, 4], attention: [4, 1, 2, 3]),
            Norms(2, mlp: [1, 5, 3, 4], attention: [4, 1, 2, 3]));
        Assert.Equal(["mlp", "attention"], rankings.Select(r => r.Group));
        Assert.Equal([1, 3, 2, 0], rankings[0].Top(4));
        Assert.Equal(
            ["top-1-mlp 1", "top-1-mlp 2", "top-1-attention 1", "top-1-attention 2", "top-3-mlp 1", "top-3-mlp 2", "top-3-attention 1",
                "top-3-attention 2"],
            runs.Select(r => $"{r.Role} {r.Seed}"));
        Assert.Equal("1-3:gate_proj,up_proj,down_proj", runs[4].Tuning);
        Assert.All(runs, r => Assert.Equal(RunIdentity.Of(Study, "m", "d", Tuning.Parse(r.Tuning), r.Seed), r.RunId));
    }

    [Fact]
    public void The_same_norms_give_the_same_plan()
    {
        var norms = Norms(1, [1, 5, 3], [4, 1, 2]);
        Assert.Equal(Plan(Stage2Spec.Default, [1], norms).Runs, Plan(Stage2Spec.Default, [1], norms).Runs);
    }

    [Fact]
    public void Two_roles_that_come_to_the_same_tuning_are_one_run()
    {
        // Two layers: the top-3 and the top-2 of them are the same set.
        var (_, runs) = Plan(new("block-sum", [2, 3], ["mlp"]), [1], Norms(1, [1, 2], [1, 2]));
        var run = Assert.Single(runs);
        Assert.Equal("top-2-mlp", run.Role);
        Assert.Equal("0-1:gate_proj,up_proj,down_proj", run.Tuning);
    }

    [Fact]
    public void Without_norms_there_is_no_plan()
    {
        var refused = Assert.Throws<RuleViolation>(() => Plan(Stage2Spec.Default, [1]));
        Assert.Equal("m on d has no mlp norms, so rule block-sum cannot rank its layers.", refused.Message);
    }

    [Fact]
    public void A_study_is_counted_as_it_is_planned()
    {
        var facts = new SampleStudy { Models = [("m", "llama", 4)], Domains = ["a", "b"], Seeds = [1, 2, 3] }.Facts();
        var byStage = facts.Runs.CountBy(r => r.Stage).ToDictionary();
        Assert.Equal(new RunCounts(byStage[0], byStage[1], byStage[2]), StudyPlan.Count(facts.Study.Spec, 2));
        Assert.Equal(new RunCounts(2, 6, 0), StudyPlan.Count(facts.Study.Spec with { Regimes = [Regimes.Mlp] }, 2));
    }

    private static (IReadOnlyList<GroupRanking> Rankings, IReadOnlyList<TargetedRun> Runs) Plan(
        Stage2Spec stage2, IReadOnlyList<int> seeds, params RunNorms[] norms) =>
        Stage2Plan.For(Study, "m", "d", AggregationRule.BlockSum, stage2, seeds, norms);

    private static RunNorms Norms(int seed, double[] mlp, double[] attention) => new(
        Guid.Empty, Study, "m", "d", "all", seed,
        [.. mlp.Select((v, i) => new ModuleNorm(1, i, "up_proj", v, 1, 1, 1)),
            .. attention.Select((v, i) => new ModuleNorm(1, i, "q_proj", v, 1, 1, 1))]);
}
