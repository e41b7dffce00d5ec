using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Specs.Plans;

/// <summary>What a spec alone tells of a model.</summary>
/// <param name="ShapeFrom">In words: the published model that its name tells, or unknown.</param>
/// <param name="Layers">Null where the shape is unknown.</param>
/// <param name="Kinds">What is trained on it; none where the shape is unknown.</param>
public sealed record OutlinedModel(
    string Name, string Path, string ShapeFrom, int? Layers, long? Parameters, IReadOnlyList<OutlinedKind> Kinds);

/// <summary>One kind of run on a model.</summary>
/// <param name="Stage">1 or 2.</param>
/// <param name="Layers">How many it adapts.</param>
/// <param name="Trainable">Parameters.</param>
/// <param name="Runs">Over all domains and seeds; of stage 2 at most.</param>
public sealed record OutlinedKind(string Role, int Stage, int Layers, long Trainable, int Runs);

/// <summary>A study as its spec alone tells it: no file is looked at, nothing is measured.</summary>
/// <param name="NotChecked">The paths that were not looked at.</param>
public sealed record SpecOutline(
    string Name, string Rule, RunCounts Runs, IReadOnlyList<OutlinedModel> Models, IReadOnlyList<DomainSpec> Domains,
    IReadOnlyList<string> NotChecked)
{
    public static SpecOutline Of(SpecFile file)
    {
        var spec = file.Spec;
        return new(
            spec.Name, file.KnownRule?.Reference ?? spec.Stage2.Rule, StudyPlan.Count(spec, spec.Models.Count * spec.Domains.Count),
            [.. spec.Models.Select(model => Of(spec, model))], spec.Domains,
            [.. spec.Models.Select(m => m.Path).Concat(spec.Domains.Select(d => d.Path)).Distinct()]);
    }

    private static OutlinedModel Of(StudySpec spec, ModelSpec model)
    {
        var (config, from) = PlannedModel.ShapeByName(model);
        return new(model.Name, model.Path, from, config?.Layers, config?.TextParameters, config is null ? []
            : [.. PlannedTuning.Lowest(spec, config.Layers).Select(kind => new OutlinedKind(
                kind.Role, kind.Stage, kind.Tuning.Layers.Count, PlannedTuning.TrainableOf(spec, config, kind.Tuning),
                spec.Domains.Count * spec.Seeds.Count))]);
    }
}
