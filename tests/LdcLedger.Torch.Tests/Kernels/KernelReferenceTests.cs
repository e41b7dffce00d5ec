using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Safetensors;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>
/// Every operation alone, forward and backward, of the exact arithmetic and of libtorch's, against <see cref="Reference64"/>: at sizes that
/// fill no vector, one, and several.
/// </summary>
public sealed class KernelReferenceTests
{
    private const double Eps = 1e-6;

    public static TheoryData<string> Devices => [DeviceArithmetic.Cpu, DeviceArithmetic.CpuTorch];

    [Theory]
    [MemberData(nameof(Devices))]
    public void Norms_over_rows_and_over_heads(string device)
    {
        using var kernels = new Kernels(device);
        foreach (var (rows, width, groups) in new[] { (1, 5, 1), (3, 16, 1), (4, 40, 1), (3, 8, 4), (2, 33, 3) })
        {
            var all = width * groups;
            double[][] x = kernels.Random(rows, all), dy = kernels.Random(rows, all), before = kernels.Random(rows, all),
                w = kernels.Random(1, width);
            Matrix y = kernels.Empty(rows, all), r = kernels.Empty(rows, groups), dx = kernels.Of(before);
            kernels.Arithmetic.RmsNorm(kernels.Of(x), kernels.Of(w), Eps, y, r);
            Near(Reference64.RmsNorm(x, w[0], Eps), y);

            kernels.Arithmetic.RmsNorm(kernels.Of(x), kernels.Of(w), Eps, y, r, plus: kernels.Of(before));
            Near(Sum(before, Reference64.RmsNorm(x, w[0], Eps)), y);

            kernels.Arithmetic.RmsNormBackward(kernels.Of(x), kernels.Of(w), r, kernels.Of(dy), dx, add: true);
            Near(Sum(before, Reference64.Gradient(x, dy, some => Reference64.RmsNorm(some, w[0], Eps))), dx);
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Rotations_and_their_inverse(string device)
    {
        using var kernels = new Kernels(device);
        foreach (var (half, heads) in new[] { (1, 1), (4, 3), (16, 2), (20, 1) })
        {
            float[] frequencies = [.. Enumerable.Range(0, half).Select(i => (float)Math.Pow(10_000, -(double)i / half))];
            int[] positions = [0, 1, 2, 0, 37, 5];
            var batch = kernels.Place(new Places(positions));
            var x = kernels.Random(positions.Length, 2 * half * heads);
            var turned = kernels.Of(x);
            var rope = new RopeTable(frequencies, 64);
            kernels.Arithmetic.Rotate(turned, rope, batch);
            Near(Reference64.Rotate(x, [.. frequencies.Select(f => (double)f)], positions), turned);

            kernels.Arithmetic.Rotate(turned, rope, batch, backwards: true);   // a rotation's gradient is the rotation back
            Near(x, turned);
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Attention_with_windows_and_shared_keys(string device)
    {
        using var kernels = new Kernels(device);
        // One document alone takes another way through libtorch than several that are short.
        foreach (var (heads, shared, dim, window, alone) in new[]
        {
            (1, 1, 4, int.MaxValue, false), (4, 2, 8, int.MaxValue, false), (4, 1, 6, 3, false), (2, 2, 16, 1, false), (3, 3, 20, 5, false),
            (4, 2, 8, int.MaxValue, true), (6, 2, 16, 4, true),
        })
        {
            var shape = new AttentionShape(heads, shared, dim, 0.4f, window);
            const int tokens = 12;
            using var views = kernels.Arithmetic.StepScope();
            Document[] documents = alone ? [new(0, tokens)] : [new(0, 7), new(7, 1), new(8, 4)];
            var batch = kernels.Place(new Places(new int[tokens], documents));
            double[][] q = kernels.Random(tokens, heads * dim), k = kernels.Random(tokens, shared * dim),
                v = kernels.Random(tokens, shared * dim), dO = kernels.Random(tokens, heads * dim);
            Matrix o = kernels.Empty(tokens, heads * dim), l = kernels.Empty(tokens, heads);
            AttentionInput apart = new(kernels.Of(q), kernels.Of(k), kernels.Of(v)),
                beside = AttentionInput.In(kernels.Of([.. q.Select((row, i) => (double[])[.. row, .. k[i], .. v[i]])]), heads * dim,
                    shared * dim),
                dApart = new(kernels.Empty(tokens, heads * dim), kernels.Empty(tokens, shared * dim), kernels.Empty(tokens, shared * dim)),
                dBeside = AttentionInput.In(kernels.Empty(tokens, (heads + 2 * shared) * dim), heads * dim, shared * dim);
            foreach (var (x, dx) in new[] { (apart, dApart), (beside, dBeside) })
            {
                kernels.Arithmetic.Attend(shape, batch, x, o, l);
                var expected = Reference64.Attend(shape, documents, q, k, v);
                Near(expected.O, o);
                Near(expected.L, l);

                kernels.Arithmetic.AttendBackward(shape, batch, x, o, l, kernels.Of(dO), dx);
                Near(Reference64.Gradient(q, dO, some => Reference64.Attend(shape, documents, some, k, v).O), dx.Q);
                Near(Reference64.Gradient(k, dO, some => Reference64.Attend(shape, documents, q, some, v).O), dx.K);
                Near(Reference64.Gradient(v, dO, some => Reference64.Attend(shape, documents, q, k, some).O), dx.V);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Gates(string device)
    {
        using var kernels = new Kernels(device);
        foreach (var act in Enum.GetValues<Activation>())
            foreach (var width in new[] { 1, 16, 37 })
            {
                var gateUp = kernels.Random(3, 2 * width, scale: 4);
                var dh = kernels.Random(3, width);
                Matrix h = kernels.Empty(3, width), again = kernels.Empty(3, width), dGateUp = kernels.Empty(3, 2 * width);
                kernels.Arithmetic.Gate(act, kernels.Of(gateUp), h);
                Near(Reference64.Gate(act, gateUp), h);

                kernels.Arithmetic.GateBackward(act, kernels.Of(gateUp), kernels.Of(dh), dGateUp, again);
                Near(Reference64.Gradient(gateUp, dh, some => Reference64.Gate(act, some)), dGateUp);
                Near(Reference64.Gate(act, gateUp), again);
            }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Losses_and_their_gradients(string device)
    {
        using var kernels = new Kernels(device);
        foreach (var classes in new[] { 2, 16, 91 })
        {
            int[] targets = [0, classes - 1, classes / 2];
            var logits = kernels.Random(targets.Length, classes, scale: 5);
            var expected = Reference64.CrossEntropy(logits, targets);
            var nats = new float[targets.Length];
            var actual = kernels.Of(logits);
            using var total = kernels.Arithmetic.NewSum();
            var batch = kernels.Place(new Places(new int[5], targets: [1, .. targets, 0]));
            kernels.Arithmetic.CrossEntropy(actual, batch, 1, 0.25f, total, nats);
            var sum = kernels.Arithmetic.Read(total, []).Sum;

            Assert.Equal(expected.Sum(), sum, 1e-5 * expected.Sum());
            Assert.All(expected.Zip(nats), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * (1 + pair.First)));
            double[][] weights = [.. targets.Select(_ => new[] { 0.25 })];
            Near(
                Reference64.Gradient(logits, weights, some => [.. Reference64.CrossEntropy(some, targets).Select(n => new[] { n })]),
                actual);
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Dropout_keeps_what_the_bits_of_key_and_place_say(string device)
    {
        const double p = 0.3;
        using var kernels = new Kernels(device);
        var x = kernels.Random(5, 37);
        var before = kernels.Random(5, 37);
        var y = kernels.Of(before);
        kernels.Arithmetic.Drop(kernels.Of(x), p, key: 0x1234_5678_9abc, firstRow: 11, y, add: true);

        // Its own gradient: dx = dy where x was kept, divided by 1 - p. So one operation serves both ways.
        var expected = before.Select((row, i) =>
            row.Select((value, j) => IsDropped(11 + i, j) ? value : value + x[i][j] / (1 - p)).ToArray());
        Near([.. expected], y);

        static bool IsDropped(int row, int column) => DropoutBits.Of((uint)(row * 37 + column), 0x1234_5678_9abc) < p * 4294967296.0;
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Steps_of_AdamW(string device)
    {
        using var kernels = new Kernels(device);
        var parameters = kernels.Random(1, 53);
        var (first, second) = (new double[53], new double[53]);
        Matrix actual = kernels.Of(parameters), m = kernels.Empty(1, 53), v = kernels.Empty(1, 53);
        for (var step = 1; step <= 5; step++)
        {
            var settings = new AdamWStep(step, 1e-2 / step, 0.9, 0.999, 1e-8, 0.01, GradientFactor: step == 3 ? 0.5f : 1);
            var gradients = kernels.Random(1, 53);
            kernels.Arithmetic.AdamW(actual, kernels.Of(gradients), m, v, settings);
            for (var i = 0; i < 53; i++)
                Reference64.AdamW(ref parameters[0][i], gradients[0][i], ref first[i], ref second[i], settings);
        }
        Near(parameters, actual);
        Near([first], m);
        Near([second], v);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Frozen_weights_of_several_parts_and_their_transposes(string device)
    {
        using var kernels = new Kernels(device);
        foreach (var (outputs, more, inputs, rows) in new[] { (3, 2, 5, 1), (40, 24, 33, 7), (16, 16, 64, 9) })
        {
            double[][] w = kernels.Random(outputs, inputs), below = kernels.Random(more, inputs), whole = [.. w, .. below];
            using var frozen = kernels.Arithmetic.Freeze([new Numbers(w), new Numbers(below)], keepBrainFloats: false);
            double[][] x = kernels.Random(rows, inputs), dy = kernels.Random(rows, outputs + more);
            Matrix y = kernels.Empty(rows, outputs + more), dx = kernels.Empty(rows, inputs);
            kernels.Arithmetic.Apply(frozen, kernels.Of(x), y);
            Near(Product(x, whole), y);

            kernels.Arithmetic.ApplyBackward(frozen, kernels.Of(dy), dx);
            Near(Reference64.Gradient(x, dy, some => Product(some, whole)), dx);
            var norm = Math.Sqrt(below.SelectMany(row => row).Sum(value => value * value));
            Assert.Equal(norm, frozen.FrobeniusNorm(outputs, more), 1e-6 * norm);
        }

        static double[][] Product(double[][] x, double[][] w) =>
            [.. x.Select(row => w.Select(of => row.Zip(of, (a, b) => a * b).Sum()).ToArray())];
    }

    /// <summary>In the test run without vector instructions it is slow, and says so.</summary>
    [Fact]
    public void A_processor_without_multiply_add_is_told_of_and_only_on_the_exact_arithmetic()
    {
        var slow = DeviceArithmetic.NameOn(DeviceArithmetic.Cpu).Contains("slow", StringComparison.Ordinal);
        Assert.Equal(slow, DeviceArithmetic.CaveatOn(DeviceArithmetic.Cpu) is not null);
        Assert.Null(DeviceArithmetic.CaveatOn(DeviceArithmetic.CpuTorch));
    }

    private static double[][] Sum(double[][] a, double[][] b) =>
        [.. a.Zip(b, (row, other) => row.Zip(other, (x, y) => x + y).ToArray())];

    private static void Near(double[][] expected, Matrix actual)
    {
        var all = actual.ToArray();
        var columns = expected[0].Length;
        for (var i = 0; i < expected.Length; i++)
            for (var j = 0; j < columns; j++)
                Assert.Equal(expected[i][j], all[i * columns + j], 2e-5 * (1 + Math.Abs(expected[i][j])));
    }

    /// <summary>An arithmetic and the matrices that a test makes of it.</summary>
    private sealed class Kernels(string device) : IDisposable
    {
        private readonly SplitMix _random = new(20261126);
        private readonly List<Matrix> _matrices = [];

        public Arithmetic Arithmetic { get; } = DeviceArithmetic.New(device);

        /// <summary>Between -scale and scale, each exactly an fp32.</summary>
        public double[][] Random(int rows, int columns, double scale = 1) =>
            [.. Enumerable.Range(0, rows).Select(_ =>
                Enumerable.Range(0, columns).Select(_ => (double)(float)(scale * (2 * _random.NextDouble() - 1))).ToArray())];

        public Batch Place(Batch batch)
        {
            Arithmetic.Place(batch);
            return batch;
        }

        public Matrix Empty(int rows, int columns)
        {
            var matrix = Arithmetic.NewMatrix(rows, columns);
            _matrices.Add(matrix);
            return matrix;
        }

        public Matrix Of(double[][] values)
        {
            var matrix = Empty(values.Length, values[0].Length);
            matrix.Set([.. values.SelectMany(row => row).Select(value => (float)value)]);
            return matrix;
        }

        public void Dispose()
        {
            _matrices.ForEach(matrix => matrix.Dispose());
            Arithmetic.Dispose();
        }
    }

    private sealed class Numbers(double[][] values) : ITensorSource
    {
        private readonly float[] _all = [.. values.SelectMany(row => row).Select(value => (float)value)];

        public IReadOnlyList<long> Shape { get; } = [values.Length, values[0].Length];

        public void CopyTo(Span<float> to, long from) => _all.AsSpan((int)from, to.Length).CopyTo(to);
    }
}
