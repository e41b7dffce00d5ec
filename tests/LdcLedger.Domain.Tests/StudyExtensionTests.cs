using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using Xunit;

namespace LdcLedger.Domain.Tests;

/// <summary>
/// A study of four layers, one model, two domains, one seed, extended by a rule that puts other layers first in one domain.
/// </summary>
public sealed class StudyExtensionTests
{
    // The own rule ranks by ||dW||; this one by ||dW|| / ||W||.
    private static readonly AggregationRule Relative = AggregationRule.BlockRelativeMean with { Name = "relative", Version = 2 };

    private readonly StudySubmitted _study;
    private readonly Dictionary<Guid, RunNorms> _norms = [];
    private readonly Guid[] _all;

    public StudyExtensionTests()
    {
        List<ResolvedModel> models = [new("m", "models/m", "llama", "LlamaForCausalLM", 4, 1_000, "w", "c", "t")];
        List<ResolvedDomain> domains = [Domain("same"), Domain("other")];
        var spec = new StudySpec(
            "s", [new("m", "models/m")], [.. domains.Select(d => new DomainSpec(d.Name, d.Path, "jsonl"))], [1], StudySpec.DefaultRegimes,
            LoraSpec.Default, DataSpec.Default, TrainingSpec.Default, EvaluationSpec.Default, Stage2Spec.Default);
        _study = StudyPlan.For(spec, models, domains, AggregationRule.BlockSum).Study;
        _all = [.. domains.Select(d => Assert.Single(StudyPlan.AllRuns(_study, models[0], d.Name)))];
        _norms[_all[0]] = Norms(_all[0], "same", [1, 1, 1, 1]);
        _norms[_all[1]] = Norms(_all[1], "other", [1, 1, 1, 100]);   // its heaviest layer moves most, and least for its weight

        static ResolvedDomain Domain(string name) => new(name, $"{name}.jsonl", "jsonl", name, 1, 2, 1);
    }

    [Fact]
    public void What_both_rules_pick_is_not_trained_twice()
    {
        var extension = StudyExtension.Of(StudyExtension.Asked(Completed(), Relative), _norms);

        Assert.Equal(["same", "other"], extension.Plans.Select(p => p.Domain));
        Assert.All(extension.Plans, p => Assert.Equal((Relative, true), (p.Rule, p.ByExtension)));
        Assert.All(extension.NewRuns, r => Assert.Equal(("other", 2), (r.Domain, r.Stage)));
        // Both groups, soloist and ensemble: in the other domain layer 3 is no longer among the highest.
        Assert.Equal(
            ["top-1-mlp 2", "top-1-attention 2", "top-3-mlp 0-2", "top-3-attention 0-2"],
            extension.NewRuns.Select(r => $"{r.Role} {r.Tuning[..r.Tuning.IndexOf(':')]}"));
        Assert.Equal(extension.NewRuns.Select(r => r.RunId), extension.Extended.Runs);
        Assert.Null(extension.Completed);
        // A run is its tuning: the plan of the domain where both agree names the runs that are there.
        Assert.Equal(_ownPlans["same"].Runs.Select(r => r.RunId), extension.Plans[0].Runs.Select(r => r.RunId));
    }

    [Fact]
    public void A_study_that_was_written_by_hand_with_ids_of_its_own_cannot_be_extended()
    {
        var own = Guid.Parse("aaaaaaaa-0000-4000-8000-000000000001");
        var byHand = Completed().After(Settled(own, "same", Regimes.All));

        var refused = Assert.Throws<RuleViolation>(() => StudyExtension.Asked(byHand, Relative));

        Assert.Contains($"run {own} has an id of its own", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_extended_study_runs_again_and_completes_again()
    {
        var before = Completed();
        Assert.Equal((true, 1), (before.IsEnded, before.Completions));
        var extension = StudyExtension.Of(StudyExtension.Asked(before, Relative), _norms);
        var study = extension.Facts.Aggregate(before, (s, fact) => s.After(fact));
        Assert.Equal((false, false, before.Runs.Count + 4), (study.IsEnded, study.IsSettled, study.Runs.Count));
        Assert.Empty(Stage2Decision.Ready(study));
        foreach (var run in extension.NewRuns)
            study = study.After(Settled(run.RunId, run.Domain, run.Role));
        var completed = Stage2Decision.Completion(study)!;
        Assert.Equal((2, before.Runs.Count + 4), (completed.Completion, completed.Completed));
    }

    [Fact]
    public void A_rule_that_asks_for_no_other_run_completes_the_study_again_at_once()
    {
        var sameOrder = AggregationRule.BlockSum with { Name = "l2", Combine = "l2" };
        var before = Completed();
        var extension = StudyExtension.Of(StudyExtension.Asked(before, sameOrder), _norms);
        Assert.Empty(extension.NewRuns);
        Assert.Equal(2, extension.Plans.Count);
        Assert.Equal(2, extension.Completed!.Completion);
        Assert.True(extension.Facts.Aggregate(before, (s, fact) => s.After(fact)).IsEnded);
    }

    [Fact]
    public void A_cell_whose_all_runs_are_not_there_yet_is_decided_when_they_are_under_every_rule()
    {
        var study = Submitted().After(Settled(_all[0], "same", "all"));
        study = Own(study, "same");
        var extension = StudyExtension.Of(StudyExtension.Asked(study, Relative), _norms);
        Assert.Equal("same", Assert.Single(extension.Plans).Domain);
        study = extension.Facts.Aggregate(study, (s, fact) => s.After(fact)).After(Settled(_all[1], "other", "all"));
        var ready = Assert.Single(Stage2Decision.Ready(study));
        Assert.Equal("other", ready.Domain);
        Assert.Equal([AggregationRule.BlockSum, Relative], ready.Rules);
    }

    [Fact]
    public void The_own_rule_decides_a_cell_under_the_id_that_it_always_had()
    {
        var own = new Stage2Planned(_study.StudyId, "m", "same", AggregationRule.BlockSum, [], []);
        Assert.Equal(Identity.LedgerIds.Event(_study.StudyId, "stage2_planned", "m", "same"), Events.EventIds.Of(own));
        var extended = own with { Rule = Relative, ByExtension = true };
        Assert.Equal(Identity.LedgerIds.Event(_study.StudyId, "stage2_planned", "m", "same", "relative", 2), Events.EventIds.Of(extended));
        Assert.NotEqual(Events.EventIds.Of(extended), Events.EventIds.Of(extended with { Rule = Relative with { Version = 3 } }));
    }

    [Fact]
    public void What_cannot_be_extended_says_why()
    {
        var cancelled = Completed().After(new StudyCancelRequested(_study.StudyId, "no more"));
        Assert.Contains("is cancelled", Refused(cancelled, Relative), StringComparison.Ordinal);
        Assert.Equal(
            "Rule relative@2 ranks by epoch 9; the study trains epochs 1 to 2.", Refused(Completed(), Relative with { Epoch = 9 }));
        var extended = StudyExtension.Asked(Completed(), Relative);
        Assert.Contains("another rule by the name relative@2", Refused(extended, Relative with { Top = 1 }), StringComparison.Ordinal);
        Assert.True(StudyExtension.Has(extended, Relative with { Name = "renamed", Version = 1 }));
        Assert.True(StudyExtension.Has(extended, AggregationRule.BlockSum));
        Assert.False(StudyExtension.Has(extended, Relative with { Top = 1 }));
        var without = Completed() with { Submitted = _study with { Spec = _study.Spec with { Stage2 = new("block-sum", [1], []) } } };
        Assert.Contains("has no stage 2", Refused(without, Relative), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_lacks_what_the_rule_asks_for_is_named()
    {
        _norms[_all[1]] = _norms[_all[1]] with { Modules = [.. _norms[_all[1]].Modules.Select(m => m with { WeightFrobenius = 0 })] };
        var refused = Assert.Throws<RuleViolation>(() => StudyExtension.Of(StudyExtension.Asked(Completed(), Relative), _norms));
        Assert.Equal(
            "m on other cannot be ranked by its all run of seed 1: no ‖W‖ of q_proj in layer 0, which rule relative@2 asks for.",
            refused.Message);
    }

    private readonly Dictionary<string, Stage2Planned> _ownPlans = [];

    private StudyProgress Submitted() => StudyProgress.Evolve(null, _study, DateTimeOffset.UnixEpoch)!;

    /// <summary>The study under its own rule, from its submission to its end.</summary>
    private StudyProgress Completed()
    {
        var study = Submitted();
        foreach (var run in _study.Runs)
            study = study.After(Settled(run, "", ""));
        study = Own(Own(study, "same"), "other");
        foreach (var run in study.Runs.Where(r => r.Value is null).Select(r => r.Key).ToList())
            study = study.After(Settled(run, "", ""));
        return study.After(Stage2Decision.Completion(study)!);
    }

    private StudyProgress Own(StudyProgress study, string domain)
    {
        var cell = Stage2Decision.Ready(study, "m", domain)!;
        var (plan, _) = Stage2Decision.Plan(study, cell, Assert.Single(cell.Rules), [.. cell.AllRuns.Select(id => _norms[id])]);
        Assert.False(plan.ByExtension);
        _ownPlans[domain] = plan;
        return study.After(plan);
    }

    private string Refused(StudyProgress study, AggregationRule rule) =>
        Assert.Throws<RuleViolation>(() => StudyExtension.Asked(study, rule)).Message;

    private RunSettled Settled(Guid run, string domain, string role) =>
        new(_study.StudyId, run, "m", domain, role, 1, 0, Outcomes.Completed, 9.5, null);

    private RunNorms Norms(Guid run, string domain, double[] weights) => new(
        run, _study.StudyId, "m", domain, "all", 1,
        [.. from epoch in new[] { 1, 2 } from layer in Enumerable.Range(0, 4) from p in Projections.All
            select new ModuleNorm(epoch, layer, p, epoch * (layer + 1), weights[layer], 8, 8)]);
}
