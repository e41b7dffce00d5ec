using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Aten;
using LdcLedger.Torch.Libtorch;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>
/// What stands around attention on a GPU, with numbers, on the CPU: how keys and values are laid out for it, and where its gradients go.
/// In its place is the CPU's attention, of one document.
/// </summary>
public sealed class DeviceAttentionTests
{
    private const int Tokens = 7;

    public static TheoryData<int, int, int> Shapes => new() { { 6, 2, 16 }, { 4, 1, 8 }, { 3, 3, 4 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Each_query_head_reads_a_copy_of_the_keys_and_values_it_shares(int heads, int shared, int dim)
    {
        using var scope = Tensor.NewScope();
        using var given = new Case(heads, shared, dim);
        foreach (var x in new[] { given.Beside, given.Apart })
        {
            var (keys, values) = AtenArithmetic.Repeated(x, given.Shape);

            Assert.Equal(RepeatedHeads(x.K.ToArray()), Numbers(keys));
            Assert.Equal(RepeatedHeads(x.V.ToArray()), Numbers(values));
        }

        float[] RepeatedHeads(float[] of) => [.. Enumerable.Range(0, Tokens * heads).SelectMany(i =>
            of.Skip((i / heads * shared + i % heads / (heads / shared)) * dim).Take(dim))];
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Attention_over_copies_with_their_gradients_summed_is_attention_over_what_is_shared(int heads, int shared, int dim)
    {
        using var scope = Tensor.NewScope();
        using var given = new Case(heads, shared, dim);
        var (arithmetic, shape) = (given.Arithmetic, given.Shape);
        Matrix o = given.Numbers(heads * dim), l = given.Numbers(heads), dO = given.Numbers(heads * dim);
        AttentionInput expected = given.NewApart(), beside = given.NewBeside(), apart = given.NewApart();
        arithmetic.Attend(shape, given.Batch, given.Apart, o, l);
        arithmetic.AttendBackward(shape, given.Batch, given.Apart, o, l, dO, expected);

        foreach (var (x, dx) in new[] { (given.Beside, beside), (given.Apart, apart) })
        {
            var (keys, values) = AtenArithmetic.Repeated(x, shape);
            Tensor queries = Turned(Heads(x.Q)), k = Turned(keys), v = Turned(values), gradient = Turned(Heads(dO));
            var (output, sums) = queries.cpu_attention(k, v, null, shape.Scale);
            var (dQ, dK, dV) = gradient.cpu_attention_backward(queries, k, v, output, sums, null, shape.Scale);
            Near(o.ToArray(), Numbers(output.squeeze(0).transpose(0, 1)));

            // As the device's operation leaves them, and gives the first.
            var piece = Tensor.zeros(1, Tokens * 3 * heads * dim, Dtype.Float32, Device.Named(Device.Cpu)).view(1, Tokens, 3, heads, dim);
            foreach (var (i, part) in new[] { dQ, dK, dV }.Index()) piece.select(2, i).copy_(part.transpose(1, 2));
            AtenArithmetic.PutSummed(piece.select(2, 0).AllThree(), dx, shape);

            Near(expected.Q.ToArray(), dx.Q.ToArray());
            Near(expected.K.ToArray(), dx.K.ToArray());
            Near(expected.V.ToArray(), dx.V.ToArray());
        }

        Tensor Heads(Matrix x) => x.Tensor!.view(Tokens, x.Columns / dim, dim);

        // (1, heads, tokens, head_dim)
        static Tensor Turned(Tensor x) => x.transpose(0, 1).unsqueeze(0);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_of_what_is_shared_go_where_queries_keys_and_values_lie(int heads, int shared, int dim)
    {
        using var scope = Tensor.NewScope();
        using var given = new Case(heads, shared, dim);
        AttentionInput from = given.Apart, beside = given.NewBeside(), apart = given.NewApart();
        foreach (var dx in new[] { beside, apart })
        {
            AtenArithmetic.PutBeside(from.Q.Tensor!.view(Tokens, heads, dim), from.K.Tensor!.view(Tokens, shared, dim),
                from.V.Tensor!.view(Tokens, shared, dim), dx, given.Shape);

            Assert.Equal(from.Q.ToArray(), dx.Q.ToArray());
            Assert.Equal(from.K.ToArray(), dx.K.ToArray());
            Assert.Equal(from.V.ToArray(), dx.V.ToArray());
        }
    }

    private static float[] Numbers(Tensor x)
    {
        var all = new float[x.Shape.Aggregate((a, b) => a * b)];
        x.CopyTo(all);
        return all;
    }

    private static void Near(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    /// <summary>The same numbers in one matrix and in three.</summary>
    private sealed class Case : IDisposable
    {
        private readonly SplitMix _random = new(20261127);
        private readonly List<Matrix> _matrices = [];

        public Case(int heads, int shared, int dim)
        {
            Shape = new AttentionShape(heads, shared, dim, 0.3f, int.MaxValue);
            Batch = new Places(new int[Tokens]);
            Arithmetic.Place(Batch);
            Beside = AttentionInput.In(Numbers((heads + 2 * shared) * dim), heads * dim, shared * dim);
            Apart = NewApart();
            foreach (var (from, to) in new[] { (Beside.Q, Apart.Q), (Beside.K, Apart.K), (Beside.V, Apart.V) }) to.Set(from.ToArray());
        }

        public Arithmetic Arithmetic { get; } = DeviceArithmetic.New(DeviceArithmetic.CpuTorch);

        public AttentionShape Shape { get; }

        public Batch Batch { get; }

        public AttentionInput Beside { get; }

        public AttentionInput Apart { get; }

        public AttentionInput NewApart() => new(Numbers(Shape.Heads * Shape.HeadDim), Numbers(Shape.KvHeads * Shape.HeadDim),
            Numbers(Shape.KvHeads * Shape.HeadDim));

        public AttentionInput NewBeside() => AttentionInput.In(Numbers((Shape.Heads + 2 * Shape.KvHeads) * Shape.HeadDim),
            Shape.Heads * Shape.HeadDim, Shape.KvHeads * Shape.HeadDim);

        /// <summary>Random ones: what is left of them, was not written.</summary>
        public Matrix Numbers(int columns)
        {
            var matrix = Arithmetic.NewMatrix(Tokens, columns);
            matrix.Set([.. Enumerable.Range(0, Tokens * columns).Select(_ => (float)(2 * _random.NextDouble() - 1))]);
            _matrices.Add(matrix);
            return matrix;
        }

        public void Dispose()
        {
            _matrices.ForEach(matrix => matrix.Dispose());
            Arithmetic.Dispose();
        }
    }
}
