using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static LdcLedger.Torch.Kernels.Simd.VectorMath;

namespace LdcLedger.Torch.Kernels.Simd;

// Optimised from the first call: a run of seconds should not spend its first steps in code that is still being watched.
internal unsafe partial class SimdArithmetic
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RmsNorm(Matrix x, Matrix w, double eps, Matrix y, Matrix r, Matrix? plus = null)
    {
        int width = w.Columns, groups = x.Columns / width;
        for (var row = 0; row < x.Rows; row++)
            for (var g = 0; g < groups; g++)
            {
                float* from = x.Row(row) + g * width, to = y.Row(row) + g * width,
                    addend = plus is null ? null : plus.Row(row) + g * width;
                var squares = Vector512<float>.Zero;
                for (var i = 0; i < width; i += 16)
                {
                    var v = Load(from + i, width - i);
                    squares = Vector512.FusedMultiplyAdd(v, v, squares);
                }
                var factor = 1 / MathF.Sqrt(Sum(squares) / width + (float)eps);
                r.Row(row)[g] = factor;
                var f = Vector512.Create(factor);
                for (var i = 0; i < width; i += 16)
                {
                    var v = Load(from + i, width - i) * f * Load(w.Data + i, width - i);
                    if (addend is not null) v += Load(addend + i, width - i);
                    Store(v, to + i, width - i);
                }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RmsNormBackward(Matrix x, Matrix w, Matrix r, Matrix dy, Matrix dx, bool add = false)
    {
        int width = w.Columns, groups = x.Columns / width;
        for (var row = 0; row < x.Rows; row++)
            for (var g = 0; g < groups; g++)
            {
                float* input = x.Row(row) + g * width, gradient = dy.Row(row) + g * width, to = dx.Row(row) + g * width;
                var dot = Vector512<float>.Zero;
                for (var i = 0; i < width; i += 16)
                    dot = Vector512.FusedMultiplyAdd(Load(gradient + i, width - i) * Load(w.Data + i, width - i),
                        Load(input + i, width - i), dot);
                var factor = r.Row(row)[g];
                var f = Vector512.Create(factor);
                var along = Vector512.Create(-factor * factor * factor * Sum(dot) / width);
                for (var i = 0; i < width; i += 16)
                {
                    var v = Vector512.FusedMultiplyAdd(Load(input + i, width - i), along,
                        Load(gradient + i, width - i) * Load(w.Data + i, width - i) * f);
                    if (add) v += Load(to + i, width - i);
                    Store(v, to + i, width - i);
                }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Rotate(Matrix x, RopeTable rope, Batch batch, bool backwards = false)
    {
        var (half, positions) = (rope.Half, batch.Positions);
        fixed (float* cosines = rope.Cos, sines = rope.Sin)
            for (var row = 0; row < x.Rows; row++)
            {
                float* cos = cosines + (long)positions[row] * half, sin = sines + (long)positions[row] * half;
                for (var head = x.Row(row); head < x.Row(row) + x.Columns; head += 2 * half)
                    for (var i = 0; i < half; i += 16)
                    {
                        Vector512<float> first = Load(head + i, half - i), second = Load(head + half + i, half - i),
                            c = Load(cos + i, half - i), s = Load(sin + i, half - i);
                        if (backwards) s = -s;
                        Store(first * c - second * s, head + i, half - i);
                        Store(second * c + first * s, head + half + i, half - i);
                    }
            }
    }

    private static bool IsSilu(Activation act) => act switch
    {
        Activation.Silu => true,
        Activation.GeluTanh => false,
        _ => throw new NotSupportedException($"The exact arithmetic has no activation {act}."),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Gate(Activation act, Matrix gateUp, Matrix h)
    {
        var silu = IsSilu(act);
        var width = h.Columns;
        for (var row = 0; row < h.Rows; row++)
        {
            float* gate = gateUp.Row(row), up = gate + width, to = h.Row(row);
            for (var i = 0; i < width; i += 16)
            {
                var g = Load(gate + i, width - i);
                var activated = silu ? g * Sigmoid(g) : Gelu(g, out _);
                Store(activated * Load(up + i, width - i), to + i, width - i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void GateBackward(Activation act, Matrix gateUp, Matrix dh, Matrix dGateUp, Matrix h)
    {
        var silu = IsSilu(act);
        var width = h.Columns;
        for (var row = 0; row < h.Rows; row++)
        {
            float* gate = gateUp.Row(row), up = gate + width, to = h.Row(row);
            float* dGate = dGateUp.Row(row), dUp = dGate + width, d = dh.Row(row);
            for (var i = 0; i < width; i += 16)
            {
                Vector512<float> g = Load(gate + i, width - i), u = Load(up + i, width - i), dhi = Load(d + i, width - i), activated, slope;
                if (silu)
                {
                    var s = Sigmoid(g);
                    activated = g * s;
                    slope = s + activated * (Vector512<float>.One - s);
                }
                else
                {
                    activated = Gelu(g, out slope);
                }
                Store(activated * u, to + i, width - i);
                Store(dhi * u * slope, dGate + i, width - i);
                Store(dhi * activated, dUp + i, width - i);
            }
        }
    }

    /// <summary>x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): gelu_pytorch_tanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gelu(Vector512<float> x, out Vector512<float> slope)
    {
        Vector512<float> root = Vector512.Create(0.7978845608f), cubic = Vector512.Create(0.044715f), half = Vector512.Create(0.5f),
            square = x * x;
        var tanh = Tanh(root * Vector512.FusedMultiplyAdd(cubic * square, x, x));
        var inner = root * Vector512.FusedMultiplyAdd(Vector512.Create(3f) * cubic, square, Vector512<float>.One);
        slope = half * (Vector512<float>.One + tanh) + half * x * (Vector512<float>.One - tanh * tanh) * inner;
        return half * x * (Vector512<float>.One + tanh);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CrossEntropy(Matrix logits, Batch batch, int first, float? gradientScale, Sum total, Span<float> nats)
    {
        double all = 0;
        var width = logits.Columns;
        var targets = batch.Targets.AsSpan(first, logits.Rows);
        for (var row = 0; row < logits.Rows; row++)
        {
            var z = logits.Row(row);
            var highest = Vector512.Create(float.NegativeInfinity);
            for (var i = 0; i + 16 <= width; i += 16) highest = Vector512.MaxNative(highest, Vector512.Load(z + i));
            var top = Highest(highest);
            for (var i = width / 16 * 16; i < width; i++) top = MathF.Max(top, z[i]);
            var target = z[targets[row]];
            var shift = Vector512.Create(top);
            var sums = Vector512<float>.Zero;
            for (var i = 0; i < width; i += 16)
            {
                var e = Exp(Load(z + i, width - i) - shift);
                if (width - i < 16) e = Vector512.BitwiseAnd(e, First(width - i));
                sums += e;
                if (gradientScale is not null) Store(e, z + i, width - i);
            }
            var sum = Sum(sums);
            var nll = PortableMath.Log(sum) + top - target;
            if (!nats.IsEmpty) nats[row] = (float)nll;
            all += nll;
            if (gradientScale is not { } scale) continue;
            var f = Vector512.Create(scale / sum);
            for (var i = 0; i < width; i += 16) Store(Load(z + i, width - i) * f, z + i, width - i);
            z[targets[row]] -= scale;
        }
        ((HostSum)total).Value += all;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Drop(Matrix x, double p, ulong key, long firstRow, Matrix y, bool add = false)
    {
        var threshold = Vector512.Create((uint)Math.Min(uint.MaxValue, p * 4294967296.0));
        var keep = Vector512.Create((float)(1 / (1 - p)));
        Vector512<uint> low = Vector512.Create((uint)key), high = Vector512.Create((uint)(key >> 32));
        for (var row = 0; row < x.Rows; row++)
        {
            float* from = x.Row(row), to = y.Row(row);
            var at = Vector512.Create((uint)((firstRow + row) * x.Columns)) + Vector512<uint>.Indices;
            for (var i = 0; i < x.Columns; i += 16, at += Vector512.Create(16u))
            {
                var kept = Vector512.GreaterThanOrEqual(Mixed(Mixed(at ^ low) + high), threshold).AsSingle();
                var v = Vector512.BitwiseAnd(Load(from + i, x.Columns - i) * keep, kept);
                if (add) v += Load(to + i, x.Columns - i);
                Store(v, to + i, x.Columns - i);
            }
        }
    }

    /// <summary><see cref="DropoutBits"/>, 16 at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Mixed(Vector512<uint> x)
    {
        x = (x ^ Vector512.ShiftRightLogical(x, 16)) * Vector512.Create(DropoutBits.First);
        x = (x ^ Vector512.ShiftRightLogical(x, 15)) * Vector512.Create(DropoutBits.Second);
        return x ^ Vector512.ShiftRightLogical(x, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Add(Matrix from, Matrix to)
    {
        for (var row = 0; row < to.Rows; row++)
        {
            float* a = from.Row(row), b = to.Row(row);
            for (var i = 0; i < to.Columns; i += 16)
                Store(Load(b + i, to.Columns - i) + Load(a + i, to.Columns - i), b + i, to.Columns - i);
        }
    }

    public override (double Sum, double SumOfSquares) Read(Sum sum, IReadOnlyList<Matrix> rows) =>
        (((HostSum)sum).Value, rows.Sum(SumOfSquares));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SumOfSquares(Matrix x)
    {
        double sum = 0;
        for (var row = 0; row < x.Rows; row++)
            foreach (var v in x.Span(row)) sum += (double)v * v;
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AdamW(Matrix parameters, Matrix gradients, Matrix first, Matrix second, in AdamWStep step)
    {
        var decay = Vector512.Create((float)(1 - step.LearningRate * step.WeightDecay));
        var rate = Vector512.Create((float)(step.LearningRate / (1 - PortableMath.Pow(step.Beta1, step.Step))));
        var root = Vector512.Create((float)Math.Sqrt(1 - PortableMath.Pow(step.Beta2, step.Step)));
        Vector512<float> b1 = Vector512.Create((float)step.Beta1), b2 = Vector512.Create((float)step.Beta2),
            eps = Vector512.Create((float)step.Eps), factor = Vector512.Create(step.GradientFactor);
        Vector512<float> rest1 = Vector512.Create((float)(1 - step.Beta1)), rest2 = Vector512.Create((float)(1 - step.Beta2));
        var n = parameters.Columns;
        for (var i = 0; i < n; i += 16)
        {
            var left = n - i;
            var g = Load(gradients.Data + i, left) * factor;
            var m = Load(first.Data + i, left) * b1 + g * rest1;
            var v = Load(second.Data + i, left) * b2 + g * g * rest2;
            Store(m, first.Data + i, left);
            Store(v, second.Data + i, left);
            Store(Load(parameters.Data + i, left) * decay - rate * m / (Vector512.Sqrt(v) / root + eps), parameters.Data + i, left);
        }
    }
}
