namespace LdcLedger.Domain.Runs;

/// <summary>One adapted projection of one layer after one epoch. Read model of the event LayerNormMeasured.</summary>
/// <param name="Epoch">1, 2, ...</param>
/// <param name="UpdateFrobenius">||dW||_F</param>
/// <param name="WeightFrobenius">||W||_F</param>
public sealed record ModuleNorm(
    int Epoch, int Layer, string Projection, double UpdateFrobenius, double WeightFrobenius, int Rows, int Columns);

/// <summary>All norms of a run, sorted by epoch, layer and projection. Read model; the id is the run's.</summary>
public sealed record RunNorms(
    Guid Id, Guid StudyId, string Model, string Domain, string Role, int? Seed, IReadOnlyList<ModuleNorm> Modules)
{
    public int LastEpoch => Modules.Count == 0 ? 0 : Modules.Max(m => m.Epoch);
}
