using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using Xunit;

namespace LdcLedger.Domain.Tests;

public class IdentityTests
{
    private static readonly StudySummary Sample = new SampleStudy().Facts().Study;

    [Fact]
    public void Version_5_ids_are_those_of_the_RFC() =>
        // RFC 9562, appendix A.4: www.example.com in the DNS namespace.
        Assert.Equal(new Guid("2ed6657d-e927-568b-95e1-2665a8aea6a2"), NameBasedGuid.Of(new("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "www.example.com"));

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
        Assert.Equal(new Guid("8a05347c-1858-561c-b06b-06ada6661865"), IdOf(Sample.Spec));
        Assert.Equal(new Guid("41337acb-cea1-52c2-8111-e69d53c066e4"), LedgerIds.Run(Sample.Id, "tiny-llama", "cpp", Tuning.Of("mlp", [7]), 1));
        Assert.Equal(new Guid("ca77df79-34d7-5b29-8776-c65693600741"), LedgerIds.Event(Sample.Id, "layer_norm_measured", 2, 7));
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
        var domains = Sample.Domains.Select(d => d with { Path = "/elsewhere" }).ToList();
        Assert.Equal(Sample.Id, LedgerIds.Study(moved, models, domains, Sample.Rule));
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
            IdOf(spec with { Training = spec.Training with { Dtype = "bfloat16" } }),
            IdOf(spec with { Evaluation = spec.Evaluation with { Stride = 64 } }),
            IdOf(spec with { Stage2 = spec.Stage2 with { Top = [1, 2] } }),
            LedgerIds.Study(spec, [Sample.Models[0] with { WeightsSha256 = "00" }, Sample.Models[1]], Sample.Domains, Sample.Rule),
            LedgerIds.Study(spec, Sample.Models, [Sample.Domains[0] with { Sha256 = "00" }, .. Sample.Domains.Skip(1)], Sample.Rule),
            LedgerIds.Study(spec, Sample.Models, Sample.Domains, AggregationRule.BlockRelativeMean),
            LedgerIds.Study(spec, Sample.Models, Sample.Domains, Sample.Rule, fresh: 1),
            Sample.Id,
        ];
        Assert.Equal(others.Length, others.Distinct().Count());
    }

    [Fact]
    public void A_run_is_its_tuning_and_seed_never_its_label()
    {
        var one = LedgerIds.Run(Sample.Id, "m", "d", Tuning.Of("mlp", [7]), 1);
        Assert.Equal(one, LedgerIds.Run(Sample.Id, "m", "d", Tuning.Parse("7:down_proj,up_proj,gate_proj"), 1));
        Guid[] others =
        [
            one, LedgerIds.Run(Sample.Id, "m", "d", Tuning.Of("mlp", [7]), 2), LedgerIds.Run(Sample.Id, "m", "d", Tuning.Of("mlp", [7]), null),
            LedgerIds.Run(Sample.Id, "m", "d", Tuning.Of("attention", [7]), 1), LedgerIds.Run(Sample.Id, "m", "e", Tuning.Of("mlp", [7]), 1),
            LedgerIds.Run(Sample.Id, "md", "", Tuning.Of("mlp", [7]), 1),
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

    private static Guid IdOf(StudySpec spec) => LedgerIds.Study(spec, Sample.Models, Sample.Domains, Sample.Rule);
}
