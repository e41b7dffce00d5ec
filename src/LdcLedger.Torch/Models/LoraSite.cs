using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Models;

/// <summary>
/// The adapters of the projections that read one input, beside their frozen weight: y = x W^T + scale (drop(x) A^T) B^T for each part of
/// the columns. A lies in the flat parameters as [r, in], the parts one below the other, B as its transpose [r, out]; gradients likewise.
/// </summary>
internal sealed class LoraSite : TrainedSite
{
    public const int Qkv = 0, Output = 1, GateUp = 2, Down = 3, Count = 4;

    private readonly Part[] _parts;
    private readonly Stack _a, _dA, _lowRank, _dLowRank;
    private readonly Matrix? _dropped;
    private readonly double _dropout;

    /// <param name="Column">Where the projection begins in the fused weight's outputs.</param>
    /// <param name="Row">Where its A begins among the site's.</param>
    /// <param name="Module">Number of the module in the whole adapter, for dropout.</param>
    internal sealed record Part(int Column, int Row, float Scale, int Module, Matrix A, Matrix Bt, Matrix DA, Matrix DBt);

    public LoraSite(Part[] parts, Matrix a, Matrix dA, Arithmetic arithmetic, int tokens, double dropout)
    {
        (_parts, _dropout) = (parts, dropout);
        (_a, _dA) = (new Stack(a, [.. parts.Select(part => part.A)]), new Stack(dA, [.. parts.Select(part => part.DA)]));
        (_lowRank, _dLowRank) = (Columns(), Columns());
        if (dropout > 0) _dropped = arithmetic.NewDropRoom(tokens, a.Columns, parts.Length);

        Stack Columns()
        {
            var whole = arithmetic.NewActivations(tokens, a.Rows);
            return new Stack(whole, [.. parts.Select(part => whole.Slice(part.Row, part.A.Rows))]);
        }
    }

    /// <summary>y = the weight of x, with what is trained of it.</summary>
    public static void Forward(int number, in BlockRun run, FrozenWeight w, Matrix x, Matrix y, bool add = false)
    {
        if (run.Sites[number] is { } site) site.Forward(run, w, x, y, add);
        else run.Arithmetic.Apply(w, x, y, add);
    }

    /// <summary>
    /// dx = the gradient of x, and the gradients of what is trained; where <paramref name="dx"/> is null only these.
    /// </summary>
    public static void Backward(int number, in BlockRun run, FrozenWeight w, Matrix x, Matrix dy, Matrix? dx)
    {
        if (dx is not null) InputGradient(number, run, w, dy, dx);
        else run.Sites[number]?.Reduce(run, dy);
        WeightGradient(number, run, x, dy);
    }

    /// <summary>The first half of <see cref="Backward"/>, for an input that is not at hand yet.</summary>
    public static void InputGradient(int number, in BlockRun run, FrozenWeight w, Matrix dy, Matrix dx)
    {
        if (run.Sites[number] is { } site) site.InputGradient(run, w, dy, dx);
        else run.Arithmetic.ApplyBackward(w, dy, dx);
    }

    /// <summary>The second half of <see cref="Backward"/>.</summary>
    public static void WeightGradient(int number, in BlockRun run, Matrix x, Matrix dy) =>
        run.Sites[number]?.WeightGradient(run, x, dy);

    public override void Forward(in BlockRun run, FrozenWeight w, Matrix x, Matrix y, bool add)
    {
        run.Arithmetic.Apply(w, x, y, add);
        Forward(run, x, y);
    }

    public override void InputGradient(in BlockRun run, FrozenWeight w, Matrix dy, Matrix dx)
    {
        run.Arithmetic.ApplyBackward(w, dy, dx);
        Reduce(run, dy);
        AddInputGradient(run, dx);
    }

    private void Forward(in BlockRun run, Matrix x, Matrix y)
    {
        var a = run.Arithmetic;
        if (Drops(run)) a.MultiplyDropped(x, Dropping(run), _a, _lowRank, _dropped!);                                // (n, R)
        else a.MultiplyTransposed(x, _a.Whole, _lowRank.Whole);
        foreach (var (i, part) in _parts.Index())
            a.Multiply(_lowRank.Parts[i], part.Bt, y.Slice(part.Column, part.Bt.Columns), part.Scale, add: true);    // (n, out)
    }

    /// <summary>d(x A^T) = scale dy B.</summary>
    public override void Reduce(in BlockRun run, Matrix dy)
    {
        foreach (var (i, part) in _parts.Index())
            run.Arithmetic.MultiplyTransposed(dy.Slice(part.Column, part.Bt.Columns), part.Bt, _dLowRank.Parts[i], part.Scale);  // (n, r)
    }

    private void AddInputGradient(in BlockRun run, Matrix dx)
    {
        if (Drops(run)) run.Arithmetic.AddDroppedInputGradient(_dLowRank, _a, Dropping(run), _dropped!, dx);         // (n, in)
        else run.Arithmetic.Multiply(_dLowRank.Whole, _a.Whole, dx, add: true);
    }

    public override void WeightGradient(in BlockRun run, Matrix x, Matrix dy)
    {
        var a = run.Arithmetic;
        if (Drops(run)) a.AddDroppedWeightGradient(_dLowRank, x, Dropping(run), _dropped!, _dA);                     // (R, in)
        else a.TransposedMultiply(_dLowRank.Whole, x, _dA.Whole, add: true);
        foreach (var (i, part) in _parts.Index())
            // (r, out)
            a.TransposedMultiply(_lowRank.Parts[i], dy.Slice(part.Column, part.Bt.Columns), part.DBt, part.Scale, add: true);
    }

    private Dropping Dropping(in BlockRun run)
    {
        var keys = new ulong[_parts.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = run.Dropout.Of(_parts[i].Module);
        return new Dropping(_dropout, run.Batch.FirstToken, keys);
    }

    private bool Drops(in BlockRun run) => _dropped is not null && run.Dropout.Active;

    public override void Dispose()
    {
        _lowRank.Whole.Dispose();
        _dLowRank.Whole.Dispose();
        _dropped?.Dispose();
        base.Dispose();
    }
}

/// <summary>
/// What decides which elements a run drops: its seed, the step and the micro-batch, never what was drawn before; so a resumed run needs no
/// generator's state.
/// </summary>
internal readonly record struct DropoutKey(bool Active, ulong Seed, long Step, int MicroBatch)
{
    public ulong Of(int module) => SplitMix.Hash(Seed, (ulong)Step, (ulong)MicroBatch, (ulong)module);
}
