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

    public override void Attend(in AttentionShape shape, Batch batch, AttentionInput x, Matrix o, Matrix l)
    {
        using var scope = Tensor.NewScope();
        var placed = On(batch);
        if (_device.IsCpu)
        {
            foreach (var stretch in placed.Stretches(shape.Window)) Attend(shape, stretch, x, o, l);
            return;
        }
        CheckHeads(shape);
        var queries = Heads(x.Q, shape);
        var (keys, values) = KeysAndValues(x, shape);
        var (output, sums, state, unused) = _activations == Dtype.BrainFloat16
            ? queries.flash_attention(keys, values, placed.Starts, placed.Longest, shape.Scale, WindowOf(shape, placed))
            : queries.efficient_attention(keys, values, placed.Starts, placed.Longest, shape.Scale, WindowOf(shape, placed));
        o.Become(output.Reshaped(o.Rows, o.Columns));
        if (_passed.Remove(l, out var before)) before.Dispose();
        _passed[l] = new Passed(sums.Kept(), state.Kept(), unused.Kept());
    }

    public override void AttendBackward(in AttentionShape shape, Batch batch, AttentionInput x, Matrix o, Matrix l, Matrix dO,
        AttentionInput dx)
    {
        using var scope = Tensor.NewScope();
        var placed = On(batch);
        if (_device.IsCpu)
        {
            foreach (var stretch in placed.Stretches(shape.Window)) AttendBackward(shape, stretch, x, o, l, dO, dx);
            return;
        }
        var (sums, state, unused) = _passed[l];
        Tensor queries = Heads(x.Q, shape), output = Heads(o, shape), gradient = Heads(dO, shape);
        var (keys, values) = KeysAndValues(x, shape);
        if (_activations == Dtype.BrainFloat16)
        {
            var (dQ, dK, dV) = gradient.flash_attention_backward(queries, keys, values, output, sums, state, unused, placed.Starts,
                placed.Longest, shape.Scale, WindowOf(shape, placed));
            PutBeside(dQ, dK, dV, dx, shape);
        }
        else
        {
            PutSummed(gradient.efficient_attention_backward(queries, keys, values, output, sums, state, unused, placed.Starts,
                placed.Longest, shape.Scale, WindowOf(shape, placed)), dx, shape);
        }
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
    private static Tensor Heads(Matrix x, in AttentionShape shape) => x.Tensor!.view(x.Rows, x.Columns / shape.HeadDim, shape.HeadDim);

    /// <summary>As the device's attention takes them: in fp32 it wants a head of them for each of the queries.</summary>
    private (Tensor Keys, Tensor Values) KeysAndValues(AttentionInput x, in AttentionShape shape) =>
        _activations == Dtype.Float32 ? Repeated(x, shape) : (Heads(x.K, shape), Heads(x.V, shape));

    /// <summary>Keys and values, each once for every query head that reads it (n, heads, head_dim).</summary>
    internal static (Tensor Keys, Tensor Values) Repeated(AttentionInput x, in AttentionShape shape)
    {
        if (shape.Heads == shape.KvHeads) return (Heads(x.K, shape), Heads(x.V, shape));
        if (x.KeysValues is null) return (Repeated(x.K, shape), Repeated(x.V, shape));
        var both = Repeated(x.KeysValues, shape);                                                                 // (n, 2 heads, head_dim)
        return (both.narrow(1, 0, shape.Heads), both.narrow(1, shape.Heads, shape.Heads));
    }

    private static Tensor Repeated(Matrix x, in AttentionShape shape)
    {
        int heads = x.Columns / shape.HeadDim, group = shape.Heads / shape.KvHeads;
        return Heads(x, shape).unsqueeze(2).expand(x.Rows, heads, group, shape.HeadDim).contiguous()
            .view(x.Rows, heads * group, shape.HeadDim);
    }

    /// <summary>dx from gradients of repeated keys and values, summed over the queries that share one.</summary>
    /// <param name="gradients">Of queries, keys and values (n, 3, heads, head_dim).</param>
    internal static void PutSummed(Tensor gradients, AttentionInput dx, in AttentionShape shape)
    {
        var (n, shared, d) = (dx.Q.Rows, shape.KvHeads, shape.HeadDim);
        Heads(dx.Q, shape).copy_(gradients.select(1, 0));
        var grouped = gradients.narrow(1, 1, 2).view(n, 2, shared, shape.Heads / shared, d);
        if (dx.KeysValues is not null)
        {
            dx.KeysValues.Tensor!.view(n, 2, shared, d).sum_out_(grouped, 3);
            return;
        }
        Heads(dx.K, shape).sum_out_(grouped.select(1, 0), 2);
        Heads(dx.V, shape).sum_out_(grouped.select(1, 1), 2);
    }

    /// <summary>dx from gradients with as many heads as it has itself.</summary>
    internal static void PutBeside(Tensor dQ, Tensor dK, Tensor dV, AttentionInput dx, in AttentionShape shape)
    {
        if (dx.All is not null)
        {
            Heads(dx.All, shape).cat_out_(1, dQ, dK, dV);
            return;
        }
        Heads(dx.Q, shape).copy_(dQ);
        Heads(dx.K, shape).copy_(dK);
        Heads(dx.V, shape).copy_(dV);
    }

    private static void Attend(in AttentionShape shape, Stretch stretch, AttentionInput x, Matrix o, Matrix l)
    {
        using var scope = Tensor.NewScope();
        var (output, sums) = Queries(x.Q, stretch, shape)
            .cpu_attention(Keys(x.K, stretch, shape), Keys(x.V, stretch, shape), stretch.Mask, shape.Scale);
        Queries(o, stretch, shape).copy_(output);
        Sums(l, stretch, shape).copy_(sums);
    }

    private static void AttendBackward(in AttentionShape shape, Stretch stretch, AttentionInput x, Matrix o, Matrix l, Matrix dO,
        AttentionInput dx)
    {
        using var scope = Tensor.NewScope();
        var (queries, keys, values) = Queries(dO, stretch, shape).cpu_attention_backward(Queries(x.Q, stretch, shape),
            Keys(x.K, stretch, shape), Keys(x.V, stretch, shape), Queries(o, stretch, shape), Sums(l, stretch, shape), stretch.Mask,
            shape.Scale);
        Queries(dx.Q, stretch, shape).copy_(queries);
        KeyGradient(dx.K, stretch, shape).copy_(Gathered(keys));
        KeyGradient(dx.V, stretch, shape).copy_(Gathered(values));

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
