using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Models;

/// <summary>
/// What a run trains of the projections that read one input, and how these are then applied: with adapters beside the frozen weight
/// (<see cref="LoraSite"/>), or by weights of the run's own (<see cref="FullSite"/>).
/// </summary>
internal abstract class TrainedSite : IDisposable
{
    /// <summary>y = the trained weight of x.</summary>
    /// <param name="w">The frozen one.</param>
    public abstract void Forward(in BlockRun run, FrozenWeight w, Matrix x, Matrix y, bool add);

    /// <summary>dx = the gradient of x, overwritten.</summary>
    public abstract void InputGradient(in BlockRun run, FrozenWeight w, Matrix dy, Matrix dx);

    /// <summary>In place of <see cref="InputGradient"/> where nobody asks for dx: what <see cref="WeightGradient"/> needs of dy.</summary>
    public abstract void Reduce(in BlockRun run, Matrix dy);

    /// <summary>Adds to the gradients of what is trained, after one of the two above.</summary>
    public abstract void WeightGradient(in BlockRun run, Matrix x, Matrix dy);

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>
/// Projections that are trained themselves: y = x W^T for each part of the columns, W and its gradient [out, in] in the run's flat rows.
/// Where some of the site's are not trained, they come from the frozen weight.
/// </summary>
internal sealed class FullSite : TrainedSite
{
    private readonly Part[] _parts;
    private readonly Matrix? _untrained;

    /// <param name="Column">Where the projection begins in the fused weight's outputs.</param>
    /// <param name="DW">Null where no gradient is asked for.</param>
    internal sealed record Part(int Column, Matrix W, Matrix? DW);

    /// <param name="columns">Of the fused weight.</param>
    public FullSite(Part[] parts, int columns, Arithmetic arithmetic, int tokens)
    {
        _parts = parts;
        if (parts.Sum(part => part.W.Rows) < columns) _untrained = arithmetic.NewActivations(tokens, columns);
    }

    public override void Forward(in BlockRun run, FrozenWeight w, Matrix x, Matrix y, bool add)
    {
        if (_untrained is not null) run.Arithmetic.Apply(w, x, y, add);
        // Only sites of one projection are added to what is there, so a part never replaces a sum.
        foreach (var part in _parts)
            run.Arithmetic.MultiplyTransposed(x, part.W, y.Slice(part.Column, part.W.Rows), add: add);                // (n, out)
    }

    public override void InputGradient(in BlockRun run, FrozenWeight w, Matrix dy, Matrix dx)
    {
        var (a, add) = (run.Arithmetic, false);
        if (_untrained?.Top(dy.Rows) is { } untrained)
        {
            a.Copy(dy, untrained);
            foreach (var part in _parts) a.Zero(untrained.Slice(part.Column, part.W.Rows));
            a.ApplyBackward(w, untrained, dx);
            add = true;
        }
        foreach (var part in _parts)
        {
            a.Multiply(dy.Slice(part.Column, part.W.Rows), part.W, dx, add: add);                                     // (n, in)
            add = true;
        }
    }

    public override void Reduce(in BlockRun run, Matrix dy) { }

    public override void WeightGradient(in BlockRun run, Matrix x, Matrix dy)
    {
        foreach (var part in _parts)
            run.Arithmetic.TransposedMultiply(dy.Slice(part.Column, part.W.Rows), x, part.DW!, add: true);            // (out, in)
    }

    public override void Dispose()
    {
        _untrained?.Dispose();
        base.Dispose();
    }
}
