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

    /// <summary>Tokens that a pass takes at a time: more leave a CPU's caches, fewer leave a GPU idle.</summary>
    public abstract int PassTokens { get; }

    /// <summary>Scored tokens whose logits exist at a time.</summary>
    public abstract int LogitRows(int vocabulary);

    /// <summary>Whether products may be added to sums in fp32; where not, a pass has gradients in the type of its activations.</summary>
    public virtual bool AddsToMasters => true;

    /// <summary>Zeros, in fp32.</summary>
    public abstract Matrix NewMatrix(int rows, int columns);

    /// <summary>Zeros, in the type of activations.</summary>
    public virtual Matrix NewActivations(int rows, int columns) => NewMatrix(rows, columns);

    /// <summary>A norm's weight [1, values].</summary>
    public virtual Matrix NewNorm(float[] values)
    {
        var norm = NewMatrix(1, values.Length);
        norm.Set(values);
        return norm;
    }

    /// <summary>Where products find trained numbers; <see cref="Copy"/> brings it up to date where it is not the matrix itself.</summary>
    public virtual Matrix ShadowOf(Matrix master) => master;

    public virtual Sum NewSum() => new HostSum();

    /// <summary>Puts a batch where its operations look for it; they are the next ones until another is placed.</summary>
    public virtual void Place(Batch batch) { }

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
    public abstract void Embed(FrozenWeight embedding, Batch batch, float scale, Matrix x);

    /// <summary>
    /// y = x / rms(x) * w over each of a row's groups of w.Columns elements, added to <paramref name="plus"/> where that is given;
    /// r = 1 / rms [n, groups].
    /// </summary>
    public abstract void RmsNorm(Matrix x, Matrix w, double eps, Matrix y, Matrix r, Matrix? plus = null);

    /// <summary>dx from dy; may not alias.</summary>
    public abstract void RmsNormBackward(Matrix x, Matrix w, Matrix r, Matrix dy, Matrix dx, bool add = false);

    /// <summary>
    /// Rotates each head of x in place by its token's angle, half-split layout (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin); backwards
    /// with the angle negated.
    /// </summary>
    public abstract void Rotate(Matrix x, RopeTable rope, Batch batch, bool backwards = false);

    /// <summary>
    /// Causal attention inside each document; heads side by side in the columns. l = logsumexp of each row and head [n, heads], or whatever
    /// else the way back needs.
    /// </summary>
    public abstract void Attend(in AttentionShape shape, Batch batch, AttentionInput x, Matrix o, Matrix l);

    /// <summary>dx from do; overwrites it.</summary>
    public abstract void AttendBackward(in AttentionShape shape, Batch batch, AttentionInput x, Matrix o, Matrix l, Matrix dO,
        AttentionInput dx);

    /// <summary>h = act(gate) * up; gateUp [n, 2 m], h [n, m].</summary>
    public abstract void Gate(Activation act, Matrix gateUp, Matrix h);

    /// <summary>
    /// d(gate), d(up) from dh, which is of no use afterwards; h is computed once more, for the weight gradient that reads it.
    /// </summary>
    public abstract void GateBackward(Activation act, Matrix gateUp, Matrix dh, Matrix dGateUp, Matrix h);

    /// <summary>
    /// Adds the negative log-likelihood of the targets of some scored tokens, nats, to a sum; where <paramref name="gradientScale"/> is not
    /// null the logits become its gradient times that.
    /// </summary>
    /// <param name="first">Of the batch's scored tokens, the one of the first row.</param>
    /// <param name="nats">Those of each row; empty where nobody asks for them.</param>
    public abstract void CrossEntropy(Matrix logits, Batch batch, int first, float? gradientScale, Sum total, Span<float> nats);

    /// <summary>y = x without some elements, the others / (1 - p). Which ones depends on the key and on the position only.</summary>
    public abstract void Drop(Matrix x, double p, ulong key, long firstRow, Matrix y, bool add = false);

    /// <summary>Room for what is left of a site's input [tokens, columns] when its parts drop of it.</summary>
    public virtual Matrix NewDropRoom(int tokens, int columns, int parts) => NewActivations(tokens, columns);

    /// <summary>low_i = drop_i(x) A_i^T of each part.</summary>
    public virtual void MultiplyDropped(Matrix x, in Dropping drop, Stack a, Stack low, Matrix room)
    {
        for (var i = 0; i < drop.Keys.Length; i++)
        {
            Drop(x, drop.P, drop.Keys[i], drop.FirstRow, room);
            MultiplyTransposed(room, a.Parts[i], low.Parts[i]);
        }
    }

    /// <summary>dx += drop_i(dLow_i A_i) of each part: a dropped element has no gradient.</summary>
    public virtual void AddDroppedInputGradient(Stack dLow, Stack a, in Dropping drop, Matrix room, Matrix dx)
    {
        for (var i = 0; i < drop.Keys.Length; i++)
        {
            Multiply(dLow.Parts[i], a.Parts[i], room);
            Drop(room, drop.P, drop.Keys[i], drop.FirstRow, dx, add: true);
        }
    }

    /// <summary>dA_i += dLow_i^T drop_i(x) of each part.</summary>
    public virtual void AddDroppedWeightGradient(Stack dLow, Matrix x, in Dropping drop, Matrix room, Stack dA)
    {
        for (var i = 0; i < drop.Keys.Length; i++)
        {
            Drop(x, drop.P, drop.Keys[i], drop.FirstRow, room);
            TransposedMultiply(dLow.Parts[i], room, dA.Parts[i], add: true);
        }
    }

    public abstract void Copy(Matrix from, Matrix to);

    /// <summary>to = from[the batch's scored tokens from the first one on].</summary>
    public abstract void TakeScored(Matrix from, Batch batch, int first, Matrix to);

    /// <summary>to[the batch's scored tokens from the first one on] = from.</summary>
    public abstract void PutScored(Matrix from, Batch batch, int first, Matrix to);

    public abstract void Zero(Matrix x);

    /// <summary>to += from.</summary>
    public abstract void Add(Matrix from, Matrix to);

    /// <summary>A sum, and the sum of squares of rows of numbers, in fp64: on a device read together.</summary>
    public abstract (double Sum, double SumOfSquares) Read(Sum sum, IReadOnlyList<Matrix> rows);

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

/// <summary>A matrix, and the same numbers as the parts that it is made of.</summary>
internal sealed record Stack(Matrix Whole, IReadOnlyList<Matrix> Parts);

/// <param name="P">Share that is dropped.</param>
/// <param name="FirstRow">Place of the first row among those of the micro-batch.</param>
/// <param name="Keys">Of each part.</param>
internal readonly record struct Dropping(double P, long FirstRow, ulong[] Keys);

/// <param name="Scale">Factor of the scores before the softmax.</param>
/// <param name="Window">Tokens that a query sees, itself included; int.MaxValue: all before it.</param>
internal readonly record struct AttentionShape(int Heads, int KvHeads, int HeadDim, float Scale, int Window);

/// <summary>What attention reads, or the gradient of it: queries [n, heads x head_dim], keys and values [n, kv heads x head_dim].</summary>
/// <param name="KeysValues">Keys and values as one matrix, where they lie beside each other: what both need may be done at once.</param>
/// <param name="All">Queries, keys and values as one, likewise.</param>
internal sealed record AttentionInput(Matrix Q, Matrix K, Matrix V, Matrix? KeysValues = null, Matrix? All = null)
{
    /// <summary>All in one matrix, in this order.</summary>
    /// <param name="q">Columns of the queries.</param>
    /// <param name="k">Columns of the keys, and of the values.</param>
    public static AttentionInput In(Matrix all, int q, int k) =>
        new(all.Slice(0, q), all.Slice(q, k), all.Slice(q + k, k), all.Slice(q, 2 * k), all);
}

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
