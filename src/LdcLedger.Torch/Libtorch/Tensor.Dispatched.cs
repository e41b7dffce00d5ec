using TorchSharp;

namespace LdcLedger.Torch.Libtorch;

// Operations that TorchSharp has no call for. Those that have no kernel for shapes without numbers give tensors there of the shapes and
// types that CUDA's give.
internal sealed partial class Tensor
{
    private static readonly Operation SiluOut = new("silu", "out"), GeluOut = new("gelu", "out"), MulOut = new("mul", "out"),
        BmmOut = new("bmm", "out"), CatOut = new("cat", "out"), SumOut = new("sum", "IntList_out"),
        SiluBackward = new("silu_backward", "grad_input"), GeluBackward = new("gelu_backward", "grad_input"),
        IndexSelectOut = new("index_select", "out"), LogSoftmax = new("_log_softmax"), LogSoftmaxOut = new("_log_softmax", "out"),
        RmsNorm = new("_fused_rms_norm"), RmsNormBackward = new("_fused_rms_norm_backward"), FusedAdamW = new("_fused_adamw_"),
        CpuAttention = new("_scaled_dot_product_flash_attention_for_cpu"),
        CpuAttentionBackward = new("_scaled_dot_product_flash_attention_for_cpu_backward"),
        FlashAttention = new("_flash_attention_forward"), FlashAttentionBackward = new("_flash_attention_backward"),
        EfficientAttention = new("_efficient_attention_forward"), EfficientAttentionBackward = new("_efficient_attention_backward");

    private const string Tanh = "tanh";

    /// <summary>Where its first element is, in the memory of its device; it must stay alive while somebody looks there.</summary>
    public unsafe void* Address => Dispatcher.AddressOf(this);

    /// <summary>Elements from one row to the next.</summary>
    public long RowStride => Read(raw => raw.stride(0));

    private bool HasNumbers => Read(raw => raw.device_type != DeviceType.META);

    /// <summary>this = x y.</summary>
    public Tensor mul_out_(Tensor x, Tensor y) => Into(MulOut, x, y, this);

    /// <summary>this = x y, matrix by matrix.</summary>
    public Tensor bmm_out_(Tensor x, Tensor y) => Into(BmmOut, x, y, this);

    /// <summary>this = tensors beside each other along one dimension.</summary>
    public Tensor cat_out_(int dim, params ReadOnlySpan<Tensor> tensors)
    {
        var items = new Argument[tensors.Length];
        for (var i = 0; i < items.Length; i++) items[i] = tensors[i];
        return Into(CatOut, Argument.List(items), (long)dim, this);
    }

    /// <summary>this = the sum of x over one dimension, which this lacks.</summary>
    public Tensor sum_out_(Tensor x, int dim) =>
        Into(SumOut, x, Argument.Given(Argument.List((long)dim)), false, Argument.None, this);

    /// <summary>this = x sigmoid(x).</summary>
    public Tensor silu_out_(Tensor x) => Into(SiluOut, x, this);

    /// <summary>this = the tanh form of x Phi(x).</summary>
    public Tensor gelu_out_(Tensor x) => Into(GeluOut, x, Tanh, this);

    /// <summary>this = the gradient of x from that of its <see cref="silu_out_"/>.</summary>
    public Tensor silu_backward_out_(Tensor gradient, Tensor x) => Into(SiluBackward, gradient, x, this);

    /// <summary>this = the gradient of x from that of its <see cref="gelu_out_"/>.</summary>
    public Tensor gelu_backward_out_(Tensor gradient, Tensor x) => Into(GeluBackward, gradient, x, Tanh, this);

    /// <summary>this = x[index].</summary>
    public Tensor index_select_out_(Tensor x, Tensor index) =>
        HasNumbers ? Into(IndexSelectOut, x, 0L, index, this) : Operated(this);

    /// <summary>this[index].</summary>
    public Tensor index_select(Tensor index) => HasNumbers ? New(_raw, index._raw, static (x, index) => x.index_select(0, index))
        : Operated(Uncounted(_raw, index._raw, static (x, index) =>
            torch.empty([index.shape[0], .. x.shape.Skip(1)], x.dtype, x.device)));

    /// <summary>Over the last of two dimensions, in place.</summary>
    public Tensor log_softmax_() => Into(LogSoftmaxOut, this, 1L, false, this);

    /// <summary>Over the last of two dimensions, in fp32 from bf16; not on the CPU.</summary>
    public Tensor log_softmax_float32() => Results(1, LogSoftmax, this, 1L, true)[0];

    /// <summary>y = x / rms(x) * weight over the last dimension, and 1 / rms in fp32; x and weight of one type.</summary>
    public (Tensor Y, Tensor R) fused_rms_norm(Tensor? weight, double eps)
    {
        var results = Results(2, RmsNorm, this, LastSize(), Argument.Maybe(weight), Argument.Given(eps));
        return (results[0], results[1]);
    }

    /// <summary>The gradient of x from that of its <see cref="fused_rms_norm"/>; on CUDA alone.</summary>
    public Tensor fused_rms_norm_backward(Tensor x, Tensor r, Tensor? weight)
    {
        if (!HasNumbers) return Operated(EmptyLike(x));
        Span<ulong> results = stackalloc ulong[2];
        Dispatch(RmsNormBackward, results, this, x, x.LastSize(), r, Argument.Maybe(weight), Argument.List(true, false));
        Dispatcher.Free(results[1]);
        return Owning(results[0]);
    }

    /// <summary>
    /// Attention of this, the queries [batch, heads, length, head_dim], on the CPU: the output and the logsumexp of the scores
    /// [batch, heads, length].
    /// </summary>
    /// <param name="mask">Added to the scores [length, length]; null: causal.</param>
    public (Tensor Output, Tensor LogSumExp) cpu_attention(Tensor keys, Tensor values, Tensor? mask, double scale)
    {
        var results = Results(2, CpuAttention, this, keys, values, 0.0, mask is null, Argument.Maybe(mask), Argument.Given(scale));
        return (results[0], results[1]);
    }

    /// <summary>Gradients of queries, keys and values from this, that of the output.</summary>
    public (Tensor Queries, Tensor Keys, Tensor Values) cpu_attention_backward(Tensor queries, Tensor keys, Tensor values, Tensor output,
        Tensor logSumExp, Tensor? mask, double scale)
    {
        var results = Results(3, CpuAttentionBackward, this, queries, keys, values, output, logSumExp, 0.0, mask is null,
            Argument.Maybe(mask), Argument.Given(scale));
        return (results[0], results[1], results[2]);
    }

    /// <summary>
    /// Causal attention of this, the queries [tokens, heads, head_dim] of any number of documents, in bf16 on CUDA. Keys and values may
    /// have fewer heads.
    /// </summary>
    /// <param name="starts">First token of each document, and the end of the last, int32.</param>
    /// <param name="longest">Tokens of the longest document.</param>
    /// <param name="window">Tokens that a query sees, itself included; null: all before it.</param>
    /// <returns>Output as the queries; logsumexp [heads, tokens], fp32; two states of a generator that nothing was drawn from.</returns>
    public (Tensor Output, Tensor LogSumExp, Tensor State, Tensor Unused) flash_attention(Tensor keys, Tensor values, Tensor starts,
        long longest, double scale, int? window)
    {
        if (!HasNumbers)
        {
            var (tokens, heads) = (Shape[0], Shape[1]);
            return (Operated(EmptyLike(this)), EmptyLike(this, Dtype.Float32, heads, tokens), EmptyLike(this, Dtype.Int32, 4),
                EmptyLike(this, Dtype.Int32, 0));
        }
        Span<ulong> results = stackalloc ulong[5];
        Dispatch(FlashAttention, results, this, keys, values, Argument.Given(starts), Argument.Given(starts), longest, longest, 0.0, true,
            false, Argument.Given(scale), Left(window), Right(window), Argument.None, Argument.None);
        Dispatcher.Free(results[4]);
        return (Owning(results[0]), Owning(results[1]), Owning(results[2]), Owning(results[3]));
    }

    /// <summary>Gradients of queries, keys and values from this, that of the output.</summary>
    public (Tensor Queries, Tensor Keys, Tensor Values) flash_attention_backward(Tensor queries, Tensor keys, Tensor values, Tensor output,
        Tensor logSumExp, Tensor state, Tensor unused, Tensor starts, long longest, double scale, int? window)
    {
        if (!HasNumbers) return (Operated(EmptyLike(queries)), EmptyLike(keys), EmptyLike(values));
        var results = Results(3, FlashAttentionBackward, this, queries, keys, values, output, logSumExp, starts, starts, longest, longest,
            0.0, true, state, unused, Argument.Given(scale), Left(window), Right(window));
        return (results[0], results[1], results[2]);
    }

    /// <summary>The same in fp32 on CUDA, but with as many heads of keys and values as of queries.</summary>
    /// <returns>Output as the queries; what <see cref="efficient_attention_backward"/> asks for.</returns>
    public (Tensor Output, Tensor LogSumExp, Tensor State, Tensor Unused) efficient_attention(Tensor keys, Tensor values, Tensor starts,
        long longest, double scale, int? window)
    {
        if (!HasNumbers)
            return (Operated(EmptyLike(this)), EmptyLike(this, Dtype.Float32, starts.Shape[0] - 1, Shape[1], (longest + 31) / 32 * 32),
                EmptyLike(this, Dtype.Int32, 2), EmptyLike(this, Dtype.Int32, 2));
        using Tensor q = unsqueeze(0), k = keys.unsqueeze(0), v = values.unsqueeze(0);
        Span<ulong> results = stackalloc ulong[6];                 // the last two are numbers
        Dispatch(EfficientAttention, results, q, k, v, Argument.None, Argument.Given(starts), Argument.Given(starts),
            Argument.Given(longest), Argument.Given(longest), 0.0, CausalMask, true, Argument.Given(scale), Argument.None, Window(window));
        return (Owning(results[0]).Reshaped([.. Shape]), Owning(results[1]), Owning(results[2]), Owning(results[3]));
    }

    /// <summary>Gradients of queries, keys and values from this, that of the output: [tokens, 3, heads, head_dim].</summary>
    public Tensor efficient_attention_backward(Tensor queries, Tensor keys, Tensor values, Tensor output, Tensor logSumExp, Tensor state,
        Tensor unused, Tensor starts, long longest, double scale, int? window)
    {
        if (!HasNumbers) return Operated(EmptyLike(queries, Dtype.Float32, queries.Shape[0], 3, queries.Shape[1], queries.Shape[2]));
        using Tensor gradient = unsqueeze(0), q = queries.unsqueeze(0), k = keys.unsqueeze(0), v = values.unsqueeze(0),
            o = output.unsqueeze(0);
        Span<ulong> results = stackalloc ulong[4];
        Dispatch(EfficientAttentionBackward, results, gradient, q, k, v, Argument.None, o, Argument.Given(starts), Argument.Given(starts),
            longest, longest, logSumExp, 0.0, state, unused, CausalMask, false, Argument.Given(scale), Argument.None, Window(window),
            SharedStorage);
        foreach (var other in results[1..]) Dispatcher.Free(other);
        using var first = Owning(results[0]);
        return first.AllThree();
    }

    /// <summary>
    /// Of three parts that were made in one piece [1, tokens, 3, heads, head_dim] this is the first [1, tokens, heads, head_dim]: the
    /// piece, [tokens, 3, heads, head_dim].
    /// </summary>
    internal Tensor AllThree() => View(_raw, (Tokens: Shape[1], Heads: Shape[2], Width: Shape[3]), static (x, a) => x.as_strided(
        [a.Tokens, 3, a.Heads, a.Width], [3 * a.Heads * a.Width, a.Heads * a.Width, a.Width, 1], 0));

    // From the top left corner of each document.
    private const long CausalMask = 1;

    // The gradients of queries, keys and values beside each other: libtorch makes them in one piece [1, tokens, 3, heads, head_dim].
    private const bool SharedStorage = true;

    private static Argument Window(int? window) => window is { } tokens ? Argument.Given((long)tokens) : Argument.None;

    // A query sees so many keys to its left, and none to its right.
    private static Argument Left(int? window) => window is { } tokens ? Argument.Given((long)tokens - 1) : Argument.None;

    private static Argument Right(int? window) => window is null ? Argument.None : Argument.Given(0L);

    /// <summary>One step of AdamW on flat rows of fp32, with decoupled decay.</summary>
    /// <param name="step">Counted from 1, one number of fp32 on the device.</param>
    /// <param name="divisor">What gradients are divided by first, one number of fp32 on the device; null: 1.</param>
    public Tensor fused_adamw_(Tensor gradients, Tensor first, Tensor second, Tensor step, double rate, double beta1, double beta2,
        double decay, double eps, Tensor? divisor)
    {
        if (!HasNumbers) return Operated(this);
        Dispatch(FusedAdamW, [], Argument.List(this), Argument.List(gradients), Argument.List(first), Argument.List(second),
            Argument.List(), Argument.List(step), rate, beta1, beta2, decay, eps, false, false, Argument.Maybe(divisor), Argument.None);
        return this;
    }

    private Argument LastSize() => Argument.List(Shape[^1]);

    private Tensor Into(Operation operation, params ReadOnlySpan<Argument> arguments)
    {
        Span<ulong> results = stackalloc ulong[1];
        Dispatch(operation, results, arguments);
        Dispatcher.Free(results[0]);                               // a second handle
        return this;
    }

    private static Tensor[] Results(int count, Operation operation, params ReadOnlySpan<Argument> arguments)
    {
        Span<ulong> results = stackalloc ulong[count];
        Dispatch(operation, results, arguments);
        var tensors = new Tensor[count];
        for (var i = 0; i < count; i++) tensors[i] = Owning(results[i]);
        return tensors;
    }

    private static void Dispatch(Operation operation, Span<ulong> results, params ReadOnlySpan<Argument> arguments)
    {
        OperationCount.Current?.Operated();
        Dispatcher.Call(operation, arguments, results);
    }

    private static Tensor Owning(ulong handle) => Owning(torch.Tensor.UnsafeCreateTensor((IntPtr)handle));

    private static Tensor Operated(Tensor result)
    {
        OperationCount.Current?.Operated();
        return result;
    }

    private static Tensor EmptyLike(Tensor x) => Uncounted(x._raw, 0, static (x, _) => torch.empty(x.shape, x.dtype, x.device));

    private static Tensor EmptyLike(Tensor x, Dtype type, params long[] shape) =>
        Uncounted(x._raw, (type, shape), static (x, a) => torch.empty(a.shape, Of(a.type), x.device));
}
