namespace LdcLedger.Domain.Runs;

/// <summary>
/// Gathers the norms of one run from its events, in any order: what <see cref="RunNormsFold"/> makes of them one by one, made once at the
/// end.
/// </summary>
/// <param name="epochs">
/// The epochs that are kept beside the last one, so that a run of many epochs takes no more memory than what is asked of it; null = all.
/// </param>
public sealed class RunNormsBuilder(IReadOnlySet<int>? epochs = null)
{
    private readonly Dictionary<int, Dictionary<int, LayerNormMeasured>> _byEpoch = [];
    private LayerNormMeasured? _first;
    private int _last = int.MinValue;
    private RunNorms? _norms;

    /// <summary>One that goes on from here, and leaves this one as it is.</summary>
    public RunNormsBuilder Copy()
    {
        var copy = new RunNormsBuilder(epochs) { _first = _first, _last = _last, _norms = _norms };
        foreach (var (epoch, layers) in _byEpoch)
            copy._byEpoch[epoch] = new(layers);
        return copy;
    }

    /// <summary>A layer of an epoch that is measured again replaces itself. One without a projection says nothing.</summary>
    public void Add(LayerNormMeasured measured)
    {
        _first ??= measured;
        _norms = null;
        if (measured.Projections.Count == 0 || (measured.Epoch < _last && !IsKept(measured.Epoch)))
            return;
        if (measured.Epoch > _last)
        {
            if (!IsKept(_last))
                _byEpoch.Remove(_last);
            _last = measured.Epoch;
        }
        if (!_byEpoch.TryGetValue(measured.Epoch, out var layers))
            _byEpoch[measured.Epoch] = layers = [];
        layers[measured.Layer] = measured;
    }

    /// <summary>Null where nothing was measured.</summary>
    public RunNorms? Norms() => _first is not { } run ? null : _norms ??= new(
        run.RunId, run.StudyId, run.Model, run.Domain, run.Role, run.Seed,
        [
            .. from epoch in _byEpoch.OrderBy(e => e.Key)
               from layer in epoch.Value.OrderBy(l => l.Key)
               from module in RunNormsFold.ModulesOf(layer.Value)
               select module,
        ]);

    private bool IsKept(int epoch) => epochs is null || epochs.Contains(epoch);
}
