using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static LdcLedger.Torch.Kernels.Simd.VectorMath;

namespace LdcLedger.Torch.Kernels.Simd;

// Queries are taken in blocks; a block sees only the keys that its document and its window let it see, so nothing is computed to be masked
// away but the corner of the block itself. Scores of a block stay in the caches; the backward pass computes them again from logsumexp.
internal unsafe partial class SimdArithmetic
{
    private const int QueryBlock = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Attend(in AttentionShape shape, Batch batch, AttentionInput x, Matrix o, Matrix l)
    {
        Matrix q = x.Q, k = x.K, v = x.V;
        int d = shape.HeadDim, group = shape.Heads / shape.KvHeads;
        foreach (var document in batch.Documents)
        {
            var padded = PackedWeight.Panels(document.Length) * Gemm.Width;
            var turnedKeys = Scratch((long)padded * d + (long)QueryBlock * (padded + Gemm.Width));
            var scores = turnedKeys + (long)padded * d;
            for (var kv = 0; kv < shape.KvHeads; kv++)
            {
                TurnHead(k, document, kv * d, d, turnedKeys);
                for (var head = kv * group; head < (kv + 1) * group; head++)
                    for (var from = 0; from < document.Length; from += QueryBlock)
                    {
                        var block = new Block(shape, document, from);
                        var queries = q.Row(document.Start + from) + head * d;
                        Products(block, queries, q.Stride, turnedKeys, d, scores, shape.Scale);
                        Softmax(block, shape.Window, scores, l, document.Start + from, head, out var sums);
                        for (var c = 0; c < d; c += Gemm.Width)
                            Gemm.Panel(block.Queries, Math.Min(Gemm.Width, d - c), block.LastKey - block.FirstKey, scores, block.Stride, 1,
                                       v.Row(document.Start + block.FirstKey) + kv * d + c, v.Stride,
                                       o.Row(document.Start + from) + head * d + c, o.Stride, 1, false);
                        for (var r = 0; r < block.Queries; r++)
                        {
                            var to = o.Row(document.Start + from + r) + head * d;
                            var factor = Vector512.Create(1 / sums[r]);
                            for (var i = 0; i < d; i += 16) Store(VectorMath.Load(to + i, d - i) * factor, to + i, d - i);
                        }
                    }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AttendBackward(in AttentionShape shape, Batch batch, AttentionInput x, Matrix o, Matrix l, Matrix dO,
        AttentionInput dx)
    {
        Matrix q = x.Q, k = x.K, v = x.V, dq = dx.Q, dk = dx.K, dv = dx.V;
        int d = shape.HeadDim, group = shape.Heads / shape.KvHeads;
        foreach (var document in batch.Documents)
        {
            var padded = PackedWeight.Panels(document.Length) * Gemm.Width;
            var turnedKeys = Scratch(2L * padded * d + 2L * QueryBlock * (padded + Gemm.Width));
            var turnedValues = turnedKeys + (long)padded * d;
            var scores = turnedValues + (long)padded * d;
            var dScores = scores + (long)QueryBlock * (padded + Gemm.Width);
            for (var row = document.Start; row < document.Start + document.Length; row++)
            {
                dk.Span(row).Clear();
                dv.Span(row).Clear();
            }
            for (var kv = 0; kv < shape.KvHeads; kv++)
            {
                TurnHead(k, document, kv * d, d, turnedKeys);
                TurnHead(v, document, kv * d, d, turnedValues);
                for (var head = kv * group; head < (kv + 1) * group; head++)
                    for (var from = 0; from < document.Length; from += QueryBlock)
                    {
                        var block = new Block(shape, document, from);
                        int first = document.Start + from, firstKey = document.Start + block.FirstKey,
                            keys = block.LastKey - block.FirstKey;
                        var gradient = dO.Row(first) + head * d;
                        Products(block, q.Row(first) + head * d, q.Stride, turnedKeys, d, scores, shape.Scale);
                        Products(block, gradient, dO.Stride, turnedValues, d, dScores, 1);
                        for (var r = 0; r < block.Queries; r++)
                            SoftmaxBackward(block, shape, r, scores + (long)r * block.Stride, dScores + (long)r * block.Stride,
                                l.Row(first + r)[head],
                                            Dot(dO.Row(first + r) + head * d, o.Row(first + r) + head * d, d));
                        for (var c = 0; c < d; c += Gemm.Width)
                        {
                            var wide = Math.Min(Gemm.Width, d - c);
                            Gemm.Panel(keys, wide, block.Queries, scores, 1, block.Stride, gradient + c, dO.Stride,
                                dv.Row(firstKey) + kv * d + c, dv.Stride, 1, true);
                            Gemm.Panel(block.Queries, wide, keys, dScores, block.Stride, 1, k.Row(firstKey) + kv * d + c, k.Stride,
                                dq.Row(first) + head * d + c, dq.Stride, 1, false);
                            Gemm.Panel(keys, wide, block.Queries, dScores, 1, block.Stride, q.Row(first) + head * d + c, q.Stride,
                                dk.Row(firstKey) + kv * d + c, dk.Stride, 1, true);
                        }
                    }
            }
        }
    }

    /// <summary>
    /// A block of queries of one document, and the keys [FirstKey, LastKey) that any of them sees; FirstKey begins a panel.
    /// </summary>
    private readonly struct Block(in AttentionShape shape, Document document, int from)
    {
        public readonly int From = from;
        public readonly int Queries = Math.Min(QueryBlock, document.Length - from);
        public readonly int FirstKey = Math.Max(0, from - shape.Window + 1) / Gemm.Width * Gemm.Width;

        public int LastKey => From + Queries;

        public int Stride => PackedWeight.Panels(LastKey - FirstKey) * Gemm.Width;

        /// <summary>Keys that query r sees, relative to FirstKey.</summary>
        public (int First, int End) Seen(int r, int window) => (Math.Max(0, From + r - window + 1 - FirstKey), From + r + 1 - FirstKey);
    }

    private static void TurnHead(Matrix x, Document document, int column, int d, float* to)
    {
        for (var key = 0; key < document.Length; key += Gemm.Width)
            Transpose.IntoPanel(x.Row(document.Start + key) + column, x.Stride, Math.Min(Gemm.Width, document.Length - key), d,
                to + (long)key * d);
    }

    private static void Products(in Block block, float* rows, long stride, float* turned, int d, float* to, float scale)
    {
        for (var key = block.FirstKey; key < block.LastKey; key += Gemm.Width)
            Gemm.Panel(block.Queries, Gemm.Width, d, rows, stride, 1, turned + (long)key * d, Gemm.Width, to + key - block.FirstKey,
                block.Stride, scale, false);
    }

    /// <summary>Scores become e^(score - highest), 0 where the query does not see; their sums, and logsumexp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(in Block block, int window, float* scores, Matrix l, int row, int head, out RowSums sums)
    {
        sums = default;
        var lanes = Vector512<int>.Indices;
        for (var r = 0; r < block.Queries; r++)
        {
            var s = scores + (long)r * block.Stride;
            var (first, end) = block.Seen(r, window);
            var lowest = Vector512.Create(float.NegativeInfinity);
            var highest = lowest;
            for (var i = first / 16 * 16; i < end; i += 16)
                highest = Vector512.MaxNative(highest,
                    Vector512.ConditionalSelect(Inside(lanes, i, first, end), Vector512.Load(s + i), lowest));
            var top = Highest(highest);
            var shift = Vector512.Create(top);
            var sum = Vector512<float>.Zero;
            for (var i = 0; i < block.Stride; i += 16)
            {
                var e = Vector512<float>.Zero;
                if (i + 16 > first && i < end)
                {
                    e = Exp(Vector512.Load(s + i) - shift);
                    if (i < first || i + 16 > end) e = Vector512.BitwiseAnd(e, Inside(lanes, i, first, end));
                    sum += e;
                }
                e.Store(s + i);
            }
            sums[r] = Sum(sum);
            l.Row(row + r)[head] = top + (float)PortableMath.Log(sums[r]);
        }
    }

    /// <summary>
    /// Scores become probabilities, their gradients those of the scores: p (dp - dot), times the scale that the products still lack.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxBackward(in Block block, in AttentionShape shape, int r, float* s, float* ds, float logSumExp, float dot)
    {
        var (first, end) = block.Seen(r, shape.Window);
        Vector512<float> shift = Vector512.Create(logSumExp), along = Vector512.Create(dot), scale = Vector512.Create(shape.Scale);
        var lanes = Vector512<int>.Indices;
        for (var i = 0; i < block.Stride; i += 16)
        {
            Vector512<float> p = Vector512<float>.Zero, g = Vector512<float>.Zero;
            if (i + 16 > first && i < end)
            {
                p = Exp(Vector512.Load(s + i) - shift);
                g = p * (Vector512.Load(ds + i) - along) * scale;
                if (i < first || i + 16 > end)
                {
                    var seen = Inside(lanes, i, first, end);
                    (p, g) = (Vector512.BitwiseAnd(p, seen), Vector512.BitwiseAnd(g, seen));
                }
            }
            p.Store(s + i);
            g.Store(ds + i);
        }
    }

    private static Vector512<float> Inside(Vector512<int> lanes, int at, int first, int end) =>
        (Vector512.GreaterThanOrEqual(lanes, Vector512.Create(first - at)) & Vector512.LessThan(lanes, Vector512.Create(end - at)))
            .AsSingle();

    private static float Highest(Vector512<float> x)
    {
        var eight = Vector256.MaxNative(x.GetLower(), x.GetUpper());
        var four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }

    private static float Dot(float* a, float* b, int n)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < n; i += 16) sum = Vector512.FusedMultiplyAdd(VectorMath.Load(a + i, n - i), VectorMath.Load(b + i, n - i), sum);
        return Sum(sum);
    }

    [InlineArray(QueryBlock)]
    private struct RowSums
    {
        private float _first;
    }
}
