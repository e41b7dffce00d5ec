using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels.Aten;

/// <summary>
/// A batch on a device: its numbers go there in one piece. What follows from them alone, such as the angles of its positions, is made once
/// for all layers.
/// </summary>
internal sealed class PlacedBatch
{
    private readonly TensorScope? _step = TensorScope.Current;     // what operations leave for the next ones lives as long as this
    private readonly Tensor _positions;
    private readonly Device _device;
    private readonly Batch _batch;
    private readonly Dictionary<RopeTable, (Tensor Cos, Tensor Sin)> _angles = [];
    private readonly Dictionary<int, IReadOnlyList<Stretch>> _stretches = [];
    private Tensor? _rowStarts;

    public PlacedBatch(Batch batch, Device device)
    {
        (_batch, _device) = (batch, device);
        int n = batch.Ids.Length, scored = batch.Scored.Length, documents = batch.Documents.Length;
        var all = new long[2 * n + 2 * scored + documents + 1];
        for (var i = 0; i < n; i++) (all[i], all[n + i]) = (batch.Ids[i], batch.Positions[i]);
        for (var i = 0; i < scored; i++) (all[2 * n + i], all[2 * n + scored + i]) = (batch.Scored[i], batch.Targets[i]);
        for (var i = 0; i < documents; i++) all[2 * n + 2 * scored + i] = batch.Documents[i].Start;
        all[^1] = n;
        var placed = Tensor.Of(all, device);
        (Ids, _positions) = (placed.narrow(0, 0, n), placed.narrow(0, n, n));
        (Scored, Targets) = (placed.narrow(0, 2 * n, scored), placed.narrow(0, 2 * n + scored, scored));
        Starts = placed.narrow(0, 2 * n + 2 * scored, documents + 1).to(Dtype.Int32);
        Longest = batch.Documents.Max(document => document.Length);
    }

    public Tensor Ids { get; }

    public Tensor Scored { get; }

    public Tensor Targets { get; }

    /// <summary>First token of each document, and the end of the last, int32: what flash attention calls cu_seqlens.</summary>
    public Tensor Starts { get; }

    /// <summary>Tokens of the longest document.</summary>
    public int Longest { get; }

    /// <summary>cos and sin of every token [n, 1, d].</summary>
    public (Tensor Cos, Tensor Sin) Angles(RopeTable rope, Func<(Tensor Cos, Tensor Sin)> table, Dtype type)
    {
        if (_angles.TryGetValue(rope, out var angles)) return angles;
        var (cos, sin) = table();
        return _angles[rope] = (Of(cos), Of(sin));

        Tensor Of(Tensor whole)
        {
            var some = whole.index_select(_positions);
            return (type == Dtype.Float32 ? some : some.to(type)).Reshaped(-1, 1, 2 * rope.Half).MoveTo(_step);
        }
    }

    /// <summary>Of some scored tokens, where their target's logit lies among all logits, row-major.</summary>
    public Tensor TargetPlaces(int first, int rows, int columns)
    {
        _rowStarts ??= Tensor.arange(Math.Max(rows, Scored.Shape[0]), columns, _device).MoveTo(_step);
        return Targets.narrow(0, first, rows).add(_rowStarts.narrow(0, 0, rows));
    }

    /// <summary>
    /// On the CPU: tokens that attention takes at a time. A document is a stretch; short ones that follow one another are one together,
    /// under a mask.
    /// </summary>
    /// <param name="window">Tokens that a query sees, itself included.</param>
    public IReadOnlyList<Stretch> Stretches(int window)
    {
        if (_stretches.TryGetValue(window, out var stretches)) return stretches;
        List<Stretch> made = [];
        List<Document> together = [];
        foreach (var document in _batch.Documents)
        {
            if (together.Count > 0 && document.Start + document.Length - together[0].Start > Stretch.Short) End();
            together.Add(document);
        }
        End();
        return _stretches[window] = made;

        void End()
        {
            var (start, length) = (together[0].Start, together[^1].Start + together[^1].Length - together[0].Start);
            made.Add(new Stretch(start, length, together.Count == 1 && length <= window ? null
                : Mask(together, start, length, window).MoveTo(_step)));
            together.Clear();
        }
    }

    private Tensor Mask(List<Document> documents, int start, int length, int window)
    {
        var mask = new float[length * length];
        Array.Fill(mask, float.NegativeInfinity);
        foreach (var document in documents)
            for (var query = document.Start - start; query < document.Start - start + document.Length; query++)
            {
                var first = Math.Max(document.Start - start, (int)Math.Max(0, query - (long)window + 1));
                mask.AsSpan(query * length + first, query - first + 1).Clear();
            }
        return Tensor.Of(mask, _device, length, length);
    }
}

/// <param name="Mask">Added to the scores [length, length]; null: causal.</param>
internal sealed record Stretch(int Start, int Length, Tensor? Mask)
{
    /// <summary>Tokens up to which documents are taken together.</summary>
    public const int Short = 96;
}
