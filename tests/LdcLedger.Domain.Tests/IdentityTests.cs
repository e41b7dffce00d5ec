using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class IdentityTests
{
    private static readonly StudySummary Sample = new SampleStudy().Facts().Study;

    [Fact]
    public void Version_5_ids_are_those_of_the_RFC() =>
        // RFC 9562, appendix A.4: www.example.com in the DNS namespace.
        Assert.Equal(new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2"),
            NameBasedGuid.Of(new("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "www.example.com"));

    [Fact]
    public void A_short_id_is_how_the_long_one_begins()
    {
        var id = new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2");
        Assert.Equal("2ed6657d", NameBasedGuid.Short(id));
    }

    [Fact]
    public void Ids_never_change()
    {
        // Written down once: a change here would make every recorded study a stranger.
        Assert.Equal(new Guid("8bb0cbe2-bada-5362-b50f-5a1db4744c3b"), IdOf(Sample.Spec));
        Assert.Equal(
            new Guid("2e5e478d-4cdb-5f27-afbd-f070d0d24e83"), RunIdentity.Of(Sample.Id, "tiny-llama", "cpp", Tuning.Of("mlp", [7]), 1));
        Assert.Equal(new Guid("869e9f92-dcab-566b-8c21-8e96fb76c1fa"), LedgerIds.Event(Sample.Id, "layer_norm_measured", 2, 7));
    }

    [Fact]
    public void The_name_of_a_study_and_the_paths_of_its_models_and_data_are_not_its_identity()
    {
        var moved = Sample.Spec with
        {
            Name = "another",
            Models = [.. Sample.Spec.Models.Select(m => m with { Path = "/elsewhere/" + m.Path })],
            Domains = [.. Sample.Spec.Domains.Select(d => d with { Path = "/elsewhere/" + d.Path })],
        };
        var models = Sample.Models.Select(m => m with { Path = "/elsewhere" }).ToList();
        var domains = Sample.Domains.Select(d => d with { Path = "/elsewhere", SkippedRecords = 3 }).ToList();
        Assert.Equal(Sample.Id, IdOf(moved, models, domains, Sample.Rule));
    }

    [Fact]
    public void Whatever_can_change_a_number_makes_another_study()
    {
        var spec = Sample.Spec;
        Guid[] others =
        [
            IdOf(spec with { Seeds = [2] }),
            IdOf(spec with { Regimes = ["all"] }),
            IdOf(spec with { Lora = spec.Lora with { Alpha = 17 } }),
            IdOf(spec with { Data = spec.Data with { HeldOut = 0.21 } }),
            IdOf(spec with { Data = spec.Data with { OnBadRecord = "skip" } }),
            IdOf(spec, Sample.Models,
                [Sample.Domains[0] with { Fields = new("question", "answer") }, .. Sample.Domains.Skip(1)], Sample.Rule),
            IdOf(spec, Sample.Models, [Sample.Domains[0] with { Fields = new(Text: "body") }, .. Sample.Domains.Skip(1)], Sample.Rule),
            IdOf(spec with { Training = spec.Training with { Dtype = "bfloat16" } }),
            IdOf(spec with { Training = spec.Training with { Base = "nf4" } }),
            IdOf(spec with { Training = spec.Training with { Base = "nf4-double" } }),
            IdOf(spec with { Evaluation = spec.Evaluation with { Stride = 64 } }),
            IdOf(spec with { Stage2 = spec.Stage2 with { Top = [1, 2] } }),
            IdOf(spec, [Sample.Models[0] with { WeightsSha256 = "00" }, Sample.Models[1]], Sample.Domains, Sample.Rule),
            IdOf(spec, Sample.Models, [Sample.Domains[0] with { Sha256 = "00" }, .. Sample.Domains.Skip(1)], Sample.Rule),
            IdOf(spec, Sample.Models, Sample.Domains, AggregationRule.BlockRelativeMean),
            IdOf(spec, Sample.Models, Sample.Domains, Sample.Rule, 1),
            Sample.Id,
        ];
        Assert.Equal(others.Length, others.Distinct().Count());
    }

    private sealed record Before(string Name, [property: FirstDefault(16)] int Rank);

    private sealed record After(
        string Name, [property: FirstDefault(16)] int Rank, [property: FirstDefault(false)] bool ScaledByRoot,
        [property: FirstDefault(null)] int? Cap);

    private sealed record Whole(string Name, After Lora, [property: NoIdentity] string Path);

    [Fact]
    public void A_field_that_is_added_later_changes_no_id_of_what_does_not_use_it()
    {
        Assert.Equal(IdentityText.Of(new Before("a", 8)), IdentityText.Of(new After("a", 8, false, null)));
        Assert.Equal(IdentityText.Of(new Before("a", 16)), IdentityText.Of(new After("a", 16, false, null)));
        Assert.NotEqual(IdentityText.Of(new Before("a", 8)), IdentityText.Of(new After("a", 8, true, null)));
        Assert.NotEqual(IdentityText.Of(new Before("a", 8)), IdentityText.Of(new After("a", 8, false, 5)));
    }

    [Fact]
    public void The_text_of_an_identity_is_its_fields_by_name_without_first_defaults()
    {
        Assert.Equal("""{"lora":{"cap":7,"name":"l"},"name":"s"}""", IdentityText.Of(new Whole("s", new("l", 16, false, 7), "/here")));
        // A section of which nothing is left is left out, too: it may be younger than the study.
        Assert.Equal("{}", IdentityText.Of(LoraSpec.Default));
        Assert.Equal("""{"learning_rate":1E-05}""", IdentityText.Of(TrainingSpec.Default with { LearningRate = 1e-5 }));
    }

    private sealed record Optional([property: FirstDefault(null)] LoraSpec? Lora);

    private sealed record Mode([property: FirstDefault(TuningMethod.Lora)] TuningMethod Method);

    [Fact]
    public void An_optional_section_of_first_defaults_is_not_the_same_as_none() =>
        Assert.NotEqual(IdentityText.Of(new Optional(null)), IdentityText.Of(new Optional(LoraSpec.Default)));

    [Fact]
    public void A_field_that_nobody_said_how_to_write_is_refused_instead_of_not_counting()
    {
        Assert.Throws<NotSupportedException>(() => IdentityText.Of(new Mode(TuningMethod.Full)));
        Assert.Throws<NotSupportedException>(() => IdentityText.Of(new Dictionary<string, int> { ["a"] = 1 }));
        Assert.Throws<NotSupportedException>(() => IdentityText.Of(1.5m));
    }

    [Fact]
    public void The_order_of_lists_is_no_part_of_a_study()
    {
        var spec = Sample.Spec;
        Assert.Equal(IdOf(spec with { Seeds = [1, 2] }), IdOf(spec with { Seeds = [2, 1] }));
        Assert.Equal(Sample.Id, IdOf(
            spec with { Regimes = [.. spec.Regimes.Reverse()], Stage2 = spec.Stage2 with { Top = [.. spec.Stage2.Top.Reverse()] } },
            [.. Sample.Models.Reverse()], [.. Sample.Domains.Reverse()], Sample.Rule));
    }

    [Fact]
    public void First_defaults_are_those_of_today_and_if_a_default_changes_they_stay()
    {
        foreach (var section in (object[])
            [LoraSpec.Default, DataSpec.Default, TrainingSpec.Default, EvaluationSpec.Default, Stage2Spec.Default,
                AggregationRule.BlockSum])
            Assert.Equal("{}", IdentityText.Of(section));
    }

    [Fact]
    public void A_rule_counts_by_what_it_says_never_by_its_name_and_version()
    {
        var renamed = Sample.Rule with { Name = "mine", Version = 7 };
        Assert.Equal(Sample.Id, IdOf(
            Sample.Spec with { Stage2 = Sample.Spec.Stage2 with { Rule = "mine" } }, Sample.Models, Sample.Domains, renamed));
    }

    [Fact]
    public void A_full_tuning_is_another_run_than_its_LoRA_twin()
    {
        var lora = Tuning.Of("all", [0, 1]);
        var full = Tuning.Of(lora.Adapted, TuningMethod.Full);
        Assert.NotEqual(RunIdentity.Of(Sample.Id, "m", "d", lora, 1), RunIdentity.Of(Sample.Id, "m", "d", full, 1));
    }

    [Fact]
    public void A_run_is_its_tuning_and_seed_never_its_label()
    {
        var one = RunIdentity.Of(Sample.Id, "m", "d", Tuning.Of("mlp", [7]), 1);
        Assert.Equal(one, RunIdentity.Of(Sample.Id, "m", "d", Tuning.Parse("7:down_proj,up_proj,gate_proj"), 1));
        Guid[] others =
        [
            one, RunIdentity.Of(Sample.Id, "m", "d", Tuning.Of("mlp", [7]), 2),
            RunIdentity.Of(Sample.Id, "m", "d", Tuning.Of("mlp", [7]), null),
            RunIdentity.Of(Sample.Id, "m", "d", Tuning.Of("attention", [7]), 1),
            RunIdentity.Of(Sample.Id, "m", "e", Tuning.Of("mlp", [7]), 1),
            RunIdentity.Of(Sample.Id, "md", "", Tuning.Of("mlp", [7]), 1),
        ];
        Assert.Equal(others.Length, others.Distinct().Count());
    }

    [Fact]
    public void The_same_fact_has_the_same_event_id_and_another_fact_another()
    {
        var run = Sample.Id;
        Assert.Equal(LedgerIds.Event(run, "layer_norm_measured", 1, 11), LedgerIds.Event(run, "layer_norm_measured", 1, 11));
        Assert.NotEqual(LedgerIds.Event(run, "layer_norm_measured", 1, 11), LedgerIds.Event(run, "layer_norm_measured", 11, 1));
        Assert.NotEqual(LedgerIds.Event(run, "layer_norm_measured", 1, 11), LedgerIds.Event(run, "epoch_completed", 1, 11));
    }

    private static Guid IdOf(StudySpec spec) => IdOf(spec, Sample.Models, Sample.Domains, Sample.Rule);

    private static Guid IdOf(
        StudySpec spec, IReadOnlyList<ResolvedModel> models, IReadOnlyList<ResolvedDomain> domains, AggregationRule rule, int fresh = 0) =>
        new StudyIdentity(spec, models, domains, rule, fresh).Id;
}
