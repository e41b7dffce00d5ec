using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels.Aten;

// On a GPU one operation for all documents, whatever their number: flash attention in bf16, memory-efficient attention in fp32. On the CPU
// libtorch's flash attention knows rectangles only: one operation for every stretch of tokens.
internal sealed partial class AtenArithmetic
{
    // What a pass of attention leaves for the way back, by the matrix that stands for it.
    private readonly Dictionary<Matrix, Passed> _passed = [];

    private sealed record Passed(Tensor LogSumExp, Tensor State, Tensor Unused) : IDisposable
    {
        public void Dispose()
        {
            foreach (var tensor in (Tensor[])[LogSumExp, State, Unused]) tensor.Dispose();
        }
    }

    public override void Attend(in AttentionShape shape, Batch batch, Matrix q, Matrix k, Matrix v, Matrix o, Matrix l)
    {
        using var scope = Tensor.NewScope();
        var placed = On(batch);
        if (_device.IsCpu)
        {
            foreach (var stretch in placed.Stretches(shape.Window)) Attend(shape, stretch, q, k, v, o, l);
            return;
        }
        CheckHeads(shape);
        Tensor queries = Heads(q, shape.Heads, shape), keys = Heads(k, shape.KvHeads, shape), values = Heads(v, shape.KvHeads, shape);
        var (output, sums, state, unused) = _activations == Dtype.BrainFloat16
            ? queries.flash_attention(keys, values, placed.Starts, placed.Longest, shape.Scale, WindowOf(shape, placed))
            : queries.efficient_attention(Repeated(keys, shape), Repeated(values, shape), placed.Starts, placed.Longest, shape.Scale,
                WindowOf(shape, placed));
        o.Become(output.Reshaped(o.Rows, o.Columns));
        if (_passed.Remove(l, out var before)) before.Dispose();
        _passed[l] = new Passed(sums.Kept(), state.Kept(), unused.Kept());
    }

    public override void AttendBackward(in AttentionShape shape, Batch batch, Matrix q, Matrix k, Matrix v, Matrix o, Matrix l, Matrix dO,
        Matrix dq, Matrix dk, Matrix dv)
    {
        using var scope = Tensor.NewScope();
        var placed = On(batch);
        if (_device.IsCpu)
        {
            foreach (var stretch in placed.Stretches(shape.Window)) AttendBackward(shape, stretch, q, k, v, o, l, dO, dq, dk, dv);
            return;
        }
        var (sums, state, unused) = _passed[l];
        Tensor queries = Heads(q, shape.Heads, shape), keys = Heads(k, shape.KvHeads, shape), values = Heads(v, shape.KvHeads, shape),
            output = Heads(o, shape.Heads, shape), gradient = Heads(dO, shape.Heads, shape);
        var gradients = _activations == Dtype.BrainFloat16
            ? gradient.flash_attention_backward(queries, keys, values, output, sums, state, unused, placed.Starts, placed.Longest,
                shape.Scale, WindowOf(shape, placed))
            : gradient.efficient_attention_backward(queries, Repeated(keys, shape), Repeated(values, shape), output, sums, state, unused,
                placed.Starts, placed.Longest, shape.Scale, WindowOf(shape, placed));
        Heads(dq, shape.Heads, shape).copy_(gradients.Queries);
        Heads(dk, shape.KvHeads, shape).copy_(Gathered(gradients.Keys, shape));
        Heads(dv, shape.KvHeads, shape).copy_(Gathered(gradients.Values, shape));
    }

    /// <exception cref="InvalidInputException">Attention on a GPU does not know heads of that width.</exception>
    private void CheckHeads(in AttentionShape shape)
    {
        var (of, most) = _activations == Dtype.BrainFloat16 ? (8, 256) : (4, 1024);
        if (shape.HeadDim % of != 0 || shape.HeadDim > most)
            throw new InvalidInputException($"Attention on a GPU has no heads of {shape.HeadDim} numbers; multiples of {of} up to {most} "
                + "are allowed, or device cpu.");
    }

    private static int? WindowOf(in AttentionShape shape, PlacedBatch placed) => shape.Window < placed.Longest ? shape.Window : null;

    /// <summary>(n, heads, head_dim), a view.</summary>
    private static Tensor Heads(Matrix x, int heads, in AttentionShape shape) => x.Tensor!.view(x.Rows, heads, shape.HeadDim);

    /// <summary>Keys or values, once for each query head; only fp32 needs it.</summary>
    private static Tensor Repeated(Tensor x, in AttentionShape shape)
    {
        if (shape.Heads == shape.KvHeads) return x;
        var n = x.Shape[0];
        return x.unsqueeze(2).expand(n, shape.KvHeads, shape.Heads / shape.KvHeads, shape.HeadDim).contiguous()
            .view(n, shape.Heads, shape.HeadDim);
    }

    /// <summary>Sums over the queries that share a key, where keys were repeated.</summary>
    private static Tensor Gathered(Tensor gradient, in AttentionShape shape) => gradient.Shape[1] == shape.KvHeads ? gradient
        : gradient.view(gradient.Shape[0], shape.KvHeads, shape.Heads / shape.KvHeads, shape.HeadDim).sum(2);

    private static void Attend(in AttentionShape shape, Stretch stretch, Matrix q, Matrix k, Matrix v, Matrix o, Matrix l)
    {
        using var scope = Tensor.NewScope();
        var (output, sums) = Queries(q, stretch, shape)
            .cpu_attention(Keys(k, stretch, shape), Keys(v, stretch, shape), stretch.Mask, shape.Scale);
        Queries(o, stretch, shape).copy_(output);
        Sums(l, stretch, shape).copy_(sums);
    }

    private static void AttendBackward(in AttentionShape shape, Stretch stretch, Matrix q, Matrix k, Matrix v, Matrix o, Matrix l,
        Matrix dO, Matrix dq, Matrix dk, Matrix dv)
    {
        using var scope = Tensor.NewScope();
        var (queries, keys, values) = Queries(dO, stretch, shape).cpu_attention_backward(Queries(q, stretch, shape),
            Keys(k, stretch, shape), Keys(v, stretch, shape), Queries(o, stretch, shape), Sums(l, stretch, shape), stretch.Mask,
            shape.Scale);
        Queries(dq, stretch, shape).copy_(queries);
        KeyGradient(dk, stretch, shape).copy_(Gathered(keys));
        KeyGradient(dv, stretch, shape).copy_(Gathered(values));

        // (kv heads, length, head_dim)
        static Tensor Gathered(Tensor gradient) => gradient.Shape[1] == 1 ? gradient.squeeze(1) : gradient.sum(1);
    }

    // The CPU's attention wants a head of keys for each of queries: key heads are its batch, and their queries' heads see the same keys
    // by a stride of 0.

    /// <summary>(kv heads, group, length, head_dim), a view.</summary>
    private static Tensor Queries(Matrix x, Stretch stretch, in AttentionShape shape) => x.Tensor!.narrow(0, stretch.Start, stretch.Length)
        .view(stretch.Length, shape.KvHeads, shape.Heads / shape.KvHeads, shape.HeadDim).permute(1, 2, 0, 3);

    private static Tensor Keys(Matrix x, Stretch stretch, in AttentionShape shape) => KeyGradient(x, stretch, shape).unsqueeze(1)
        .expand(shape.KvHeads, shape.Heads / shape.KvHeads, stretch.Length, shape.HeadDim);

    /// <summary>(kv heads, length, head_dim), a view.</summary>
    private static Tensor KeyGradient(Matrix x, Stretch stretch, in AttentionShape shape) =>
        x.Tensor!.narrow(0, stretch.Start, stretch.Length).view(stretch.Length, shape.KvHeads, shape.HeadDim).transpose(0, 1);

    /// <summary>(kv heads, group, length), a view.</summary>
    private static Tensor Sums(Matrix l, Stretch stretch, in AttentionShape shape) => l.Tensor!.narrow(0, stretch.Start, stretch.Length)
        .view(stretch.Length, shape.KvHeads, shape.Heads / shape.KvHeads).permute(1, 2, 0);
}
