using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels;

/// <summary>
/// The arithmetic that models and training are written in, forward and backward by hand. Two kinds: <see cref="Simd.SimdArithmetic"/>,
/// exact, on one CPU thread, and <see cref="Aten.AtenArithmetic"/>, any device that libtorch knows. One instance belongs to one thread;
/// frozen weights may be shared. Shapes: n tokens; row-major; <c>add</c> means that the result is added to what is there.
/// </summary>
internal abstract class Arithmetic : IDisposable
{
    /// <summary>What made the numbers, as events state it: the arithmetic and its version first, then what it runs on.</summary>
    public abstract string Name { get; }

    /// <summary>Zeros.</summary>
    public abstract Matrix NewMatrix(int rows, int columns);

    /// <summary>A frozen weight [out, in]: the parts one below the other.</summary>
    public abstract FrozenWeight Freeze(IReadOnlyList<ITensorSource> parts, bool keepBrainFloats);

    /// <summary>c = scale a b; a [n, k], b [k, m].</summary>
    public abstract void Multiply(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false);

    /// <summary>c = scale a b^T; a [n, k], b [m, k].</summary>
    public abstract void MultiplyTransposed(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false);

    /// <summary>c = scale a^T b; a [n, k], b [n, m].</summary>
    public abstract void TransposedMultiply(Matrix a, Matrix b, Matrix c, float scale = 1, bool add = false);

    /// <summary>y = x W^T.</summary>
    public abstract void Apply(FrozenWeight w, Matrix x, Matrix y, bool add = false);

    /// <summary>dx = dy W.</summary>
    public abstract void ApplyBackward(FrozenWeight w, Matrix dy, Matrix dx, bool add = false);

    /// <summary>x = scale E[ids].</summary>
    public abstract void Embed(FrozenWeight embedding, ReadOnlySpan<int> ids, float scale, Matrix x);

    /// <summary>y = x / rms(x) * w over each of a row's groups of w.Columns elements; r = 1 / rms [n, groups].</summary>
    public abstract void RmsNorm(Matrix x, Matrix w, double eps, Matrix y, Matrix r, bool add = false);

    /// <summary>dx from dy; may not alias.</summary>
    public abstract void RmsNormBackward(Matrix x, Matrix w, Matrix r, Matrix dy, Matrix dx, bool add = false);

    /// <summary>
    /// Rotates each head of x in place by its token's angle, half-split layout (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin); backwards
    /// with the angle negated.
    /// </summary>
    public abstract void Rotate(Matrix x, RopeTable rope, ReadOnlySpan<int> positions, bool backwards = false);

    /// <summary>
    /// Causal attention inside each document; heads side by side in the columns. l = logsumexp of each row and head [n, heads].
    /// </summary>
    public abstract void Attend(in AttentionShape shape, ReadOnlySpan<Document> documents, Matrix q, Matrix k, Matrix v, Matrix o,
        Matrix l);

    /// <summary>dq, dk, dv from do; overwrites them.</summary>
    public abstract void AttendBackward(in AttentionShape shape, ReadOnlySpan<Document> documents, Matrix q, Matrix k, Matrix v, Matrix o,
        Matrix l, Matrix dO, Matrix dq, Matrix dk, Matrix dv);

    /// <summary>h = act(gate) * up; gateUp [n, 2 m], h [n, m].</summary>
    public abstract void Gate(Activation act, Matrix gateUp, Matrix h);

    /// <summary>d(gate), d(up) from dh; h is computed once more, for the weight gradient that reads it.</summary>
    public abstract void GateBackward(Activation act, Matrix gateUp, Matrix dh, Matrix dGateUp, Matrix h);

    /// <summary>
    /// Negative log-likelihood of each row's target, nats, summed; where <paramref name="gradientScale"/> is not null the logits become its
    /// gradient times that.
    /// </summary>
    public abstract double CrossEntropy(Matrix logits, ReadOnlySpan<int> targets, float? gradientScale, Span<float> nats);

    /// <summary>y = x without some elements, the others / (1 - p). Which ones depends on the key and on the position only.</summary>
    public abstract void Drop(Matrix x, double p, ulong key, long firstRow, Matrix y, bool add = false);

    public abstract void Copy(Matrix from, Matrix to);

    /// <summary>to = from[rows].</summary>
    public abstract void TakeRows(Matrix from, ReadOnlySpan<int> rows, Matrix to);

    /// <summary>to[rows] = from.</summary>
    public abstract void PutRows(Matrix from, ReadOnlySpan<int> rows, Matrix to);

    public abstract void Zero(Matrix x);

    /// <summary>to += from.</summary>
    public abstract void Add(Matrix from, Matrix to);

    /// <summary>Sum of squares of one row of numbers, in fp64.</summary>
    public abstract double SumOfSquares(Matrix x);

    /// <summary>
    /// One step of AdamW with decoupled decay (arXiv 1711.05101), bias correction, eps outside the root; gradients are scaled first.
    /// </summary>
    public abstract void AdamW(Matrix parameters, Matrix gradients, Matrix first, Matrix second, in AdamWStep step);

    /// <summary>CPU threads that an operation may use, where operations are parallel inside.</summary>
    public virtual void UseThreads(int threads) { }

    /// <summary>Whatever a step leaves behind on the device.</summary>
    public virtual IDisposable? StepScope() => null;

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>The gate's nonlinearity: x sigmoid(x), or the tanh form of x Phi(x).</summary>
internal enum Activation { Silu, GeluTanh }

/// <summary>Consecutive tokens that see one another.</summary>
internal readonly record struct Document(int Start, int Length);

/// <param name="Scale">Factor of the scores before the softmax.</param>
/// <param name="Window">Tokens that a query sees, itself included; int.MaxValue: all before it.</param>
internal readonly record struct AttentionShape(int Heads, int KvHeads, int HeadDim, float Scale, int Window);

/// <param name="Step">Counted from 1, for the bias correction.</param>
/// <param name="GradientFactor">Clipping: what the gradient is multiplied by first.</param>
internal readonly record struct AdamWStep(int Step, double LearningRate, double Beta1, double Beta2, double Eps, double WeightDecay,
    float GradientFactor);

/// <summary>A weight that no training changes, [Out, In], in the layout of one kind of arithmetic; shared by all runs on a base.</summary>
internal abstract class FrozenWeight(int outFeatures, int inFeatures) : IDisposable
{
    public int Out { get; } = outFeatures;

    public int In { get; } = inFeatures;

    /// <summary>||W||_F over some of its rows, in fp64.</summary>
    public abstract double FrobeniusNorm(int row, int rows);

    /// <summary>Some of its rows as they are used, row-major.</summary>
    public abstract float[] ToArray(int row, int rows);

    public abstract void Dispose();
}

/// <summary>cos and sin of every position's angles, fp32 [positions, head_dim / 2], and some room.</summary>
internal sealed class RopeTable
{
    public RopeTable(float[] frequencies, int positions)
    {
        (Half, Positions) = (frequencies.Length, positions);
        Cos = new float[positions * Half + 16];                    // a vector may be read past the last one
        Sin = new float[positions * Half + 16];
        for (var p = 0; p < positions; p++)
            for (var i = 0; i < Half; i++)
            {
                var (sin, cos) = PortableMath.SinCos(p * frequencies[i]);
                (Sin[p * Half + i], Cos[p * Half + i]) = ((float)sin, (float)cos);
            }
    }

    public int Half { get; }

    public int Positions { get; }

    public float[] Cos { get; }

    public float[] Sin { get; }
}
