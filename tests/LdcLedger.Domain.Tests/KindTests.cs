using LdcLedger.Domain.Events;
using LdcLedger.Domain.Formulas;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using Xunit;

namespace LdcLedger.Domain.Tests;

/// <summary>Every kind has its row, and every row says all that is wanted of it.</summary>
public class KindTests
{
    [Fact]
    public void Every_record_that_is_an_event_has_its_row_and_every_row_an_event()
    {
        var records = typeof(ILedgerEvent).Assembly.GetExportedTypes().Where(t => t.IsAssignableTo(typeof(ILedgerEvent)) && !t.IsInterface);
        Assert.Equal(records.OrderBy(t => t.Name), EventKinds.All.Select(k => k.Record).OrderBy(t => t.Name));
    }

    [Fact]
    public void An_event_is_in_the_stream_that_its_record_belongs_to() => Assert.All(EventKinds.All, kind => Assert.Equal(
        kind.Record.IsAssignableTo(typeof(IRunEvent)) ? EventStream.Run
        : kind.Record.IsAssignableTo(typeof(IStudyEvent)) ? EventStream.Study
        : kind.Stream is EventStream.Rules or EventStream.Seals or EventStream.Imports or EventStream.Access ? kind.Stream
        : throw new Xunit.Sdk.XunitException($"{kind.Alias} belongs to no stream."), kind.Stream));

    [Fact]
    public void Aliases_are_unique_and_spelled_alike()
    {
        Assert.Equal(EventKinds.All.Count, EventKinds.All.Select(k => k.Alias).Distinct().Count());
        Assert.All(EventKinds.All, k => Assert.Matches("^[a-z0-9]+(_[a-z0-9]+)*$", k.Alias));
    }

    [Fact]
    public void Whatever_is_asked_for_is_answered_by_some_event() =>
        Assert.Equal(Enum.GetValues<Work>(), EventKinds.All.Select(k => k.Answers).OfType<Work>().Distinct().Order());

    [Fact]
    public void Every_part_of_a_rule_has_its_words()
    {
        Assert.All(Measure.Rows.All, m => Assert.All([m.Symbol, m.Unit, m.Words], Assert.NotEmpty));
        Assert.All(Combination.Rows.All, c => Assert.NotEmpty(c.Words));
        Assert.All(SeedCombination.Rows.All, c => Assert.Contains(" over seeds ", c.Words));
        var m = Formula.Letter("m");
        Distinct(Measure.Rows.All.Select(row => row.Formula(m, Formula.Letter("W"))));
        Distinct(Combination.Rows.All.Select(row => row.Formula(m)));
        Distinct(SeedCombination.Rows.All.Select(row => row.Formula(m)));
        Distinct(Normalisation.Rows.All.Select(row => row.Formula));
        Assert.All(TieBreak.Rows.All, t => Assert.StartsWith("Of layers with equal scores ", t.Sentence));
        Assert.All(Normalisation.Rows.All, n => Assert.StartsWith("Perplexity is normalised as ", n.Sentence));
        Assert.All(Combinations(), rule => Assert.All([RuleWords.Axis(rule), RuleWords.Score(rule)], Assert.NotEmpty));
        Assert.Contains(" Aggregated norms average the 3 highest units; a unit is ", RuleWords.Definition(AggregationRule.BlockSum));
        Assert.Contains(
            " Aggregated norms are of the highest unit alone; a unit is ", RuleWords.Definition(AggregationRule.BlockSum with { Top = 1 }));
        Assert.Equal(Combinations().Count(r => r.Over == "block"),
            Combinations().Where(r => r.Over == "block").Select(RuleWords.Axis).Distinct().Count());

        static void Distinct(IEnumerable<Formula> formulas)
        {
            var words = formulas.Select(FormulaWords.Of).ToList();
            Assert.Equal(words.Count, words.Distinct().Count());
        }
    }

    [Fact]
    public void Every_regime_has_its_projections_and_words()
    {
        Assert.All(Regimes.Rows.All, r => Assert.All([r.Title, r.Line, r.Words, r.Adjective], Assert.NotEmpty));
        Assert.All(Regimes.Rows.All, r => Assert.NotEmpty(r.Projections));
        Assert.Equal(Regimes.Every.Order(), Regimes.InTables.Select(r => r.Name).Order());
        Assert.Equal(Projections.All, Regimes.Groups.SelectMany(Projections.Of).OrderBy(Projections.Order));
    }

    [Fact]
    public void Every_regime_in_full_has_a_twin_by_LoRA_and_is_another_tuning()
    {
        Assert.Equal(["mlp full-mlp", "attention full-attention", "all full-all"],
            Regimes.Twins.Select(t => $"{t.Lora.Name} {t.Full.Name}"));
        Assert.Equal(["mlp", "attention", "all", "full-mlp", "full-attention", "full-all"], Regimes.InTables.Select(r => r.Name));
        Assert.Equal("full:0-15:q_proj,k_proj,v_proj,o_proj", Tuning.Of(Regimes.FullAttention, Enumerable.Range(0, 16)).Text);
        Assert.NotEqual(Tuning.Of(Regimes.All, [0]), Tuning.Of(Regimes.FullAll, [0]));
        Assert.Equal(Tuning.Of(Regimes.All, [0]).Adapted, Tuning.Of(Regimes.FullAll, [0]).Adapted);
        Assert.Equal(["attention", "mlp", "all"], StudySpec.DefaultRegimes);
    }

    [Fact]
    public void What_is_none_of_a_closed_set_is_refused_with_the_names_that_are()
    {
        Assert.Equal($"'knee' is not a known group; allowed are {string.Join(", ", Regimes.Groups)}.",
            Assert.Throws<RuleViolation>(() => Regimes.Group("knee")).Message);
        Assert.Equal($"'all' is not a known group; allowed are {string.Join(", ", Regimes.Groups)}.",
            Assert.Throws<RuleViolation>(() => Regimes.Group("all")).Message);
        Assert.Equal($"'x' is not a known regime; allowed are {string.Join(", ", Regimes.Every)}.",
            Assert.Throws<RuleViolation>(() => Projections.Of("x")).Message);
        Assert.Contains("allowed are q_proj, ", Assert.Throws<RuleViolation>(() => Projections.GroupOf("lm_head")).Message);
        Assert.Contains("'lost' is not a known status of a run", Assert.Throws<RuleViolation>(() => RunStatuses.Rows["lost"]).Message);
    }

    [Fact]
    public void What_leases_tell_is_never_stored() => Assert.Equal(
        ["interrupted", "waiting", "interrupted"],
        RunStatuses.Rows.All.Where(s => !s.IsStored).Select(s => s.Name)
            .Concat(StudyStatuses.Rows.All.Where(s => !s.IsStored).Select(s => s.Name)));

    [Fact]
    public void Only_a_run_that_an_attempt_has_can_be_interrupted() => Assert.All(RunStatuses.Rows.All, status =>
    {
        Assert.Equal(status.Name, RunStatuses.Told(status.Name, isHeld: true));
        Assert.Equal(status.Name == RunStatuses.Running ? "interrupted" : status.Name, RunStatuses.Told(status.Name, isHeld: false));
    });

    [Theory]
    [InlineData("completed", "", "completed", null)]
    [InlineData("cancelled", "", "cancelled", null)]
    [InlineData("running", "", "interrupted", "no process leads it")]
    [InlineData("running", "rest all somebody", "interrupted", "it was imported and is at rest")]
    [InlineData("completed", "rest", "completed", null)]
    [InlineData("running", "worker", "interrupted", "a worker still has one of its runs")]
    [InlineData("running", "somebody", "interrupted", "no process leads it")]
    [InlineData("running", "led somebody", "running", null)]
    [InlineData("running", "all somebody", "waiting", "no worker has one of its runs")]
    [InlineData("running", "all somebody worker", "running", null)]
    [InlineData("running", "driven", "running", null)]
    [InlineData("running", "driven somebody", "waiting", "another ldc leads this ledger")]
    [InlineData("running", "driven all somebody", "waiting", "no worker has one of its runs")]
    [InlineData("running", "all-driven", "waiting", "no worker has one of its runs")]
    [InlineData("running", "all-driven worker", "running", null)]
    [InlineData("running", "all-driven somebody", "waiting", "another ldc leads this ledger")]
    public void A_study_is_told_by_who_leads_it_who_would_and_who_works_on_it(string stored, string leases, string told, string? why)
    {
        var held = leases.Split(' ');
        var (status, says) = StudyStatuses.Told(stored, new(
            held.Contains("rest"), held.Contains("led"), held.Contains("all"), held.Contains("driven"),
            held.Contains("all-driven"), held.Contains("somebody"), held.Contains("worker")));

        Assert.Equal(told, status);
        Assert.True(StudyStatuses.Rows.Has(status));
        if (why is null)
            Assert.Null(says);
        else
            Assert.Contains(why, says, StringComparison.Ordinal);
    }

    private static IEnumerable<AggregationRule> Combinations() =>
        from measure in Measure.Rows.Names
        from over in RuleScope.Rows.Names
        from combine in Combination.Rows.Names
        select AggregationRule.BlockSum with { Measure = measure, Over = over, Combine = combine };
}
