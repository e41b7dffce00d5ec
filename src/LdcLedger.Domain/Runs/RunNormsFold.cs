using LdcLedger.Domain.Layers;

namespace LdcLedger.Domain.Runs;

/// <summary>A run's norms from its events: a layer of an epoch that is measured again replaces itself.</summary>
public static class RunNormsFold
{
    public static RunNorms? Evolve(RunNorms? norms, ILedgerEvent fact)
    {
        if (fact is not LayerNormMeasured measured)
            return norms;
        var modules = ModulesOf(measured);
        if (norms is null)
            return new(measured.RunId, measured.StudyId, measured.Model, measured.Domain, measured.Role, measured.Seed, [.. modules]);
        var place = (measured.Epoch, measured.Layer);
        return norms with
        {
            Modules =
            [
                .. norms.Modules.Where(m => (m.Epoch, m.Layer).CompareTo(place) < 0),
                .. modules,
                .. norms.Modules.Where(m => (m.Epoch, m.Layer).CompareTo(place) > 0),
            ],
        };
    }

    internal static IEnumerable<ModuleNorm> ModulesOf(LayerNormMeasured measured) => measured.Projections
        .OrderBy(p => Projections.Order(p.Projection))
        .Select(p => new ModuleNorm(
            measured.Epoch, measured.Layer, p.Projection, p.UpdateFrobenius, p.WeightFrobenius, p.Rows, p.Columns));
}
