using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>
/// The operations of <see cref="Arithmetic"/> as their papers define them, in fp64 and in the plainest loops. Matrices are arrays of rows.
/// </summary>
internal static class Reference64
{
    /// <summary>
    /// y = x / sqrt(mean(x^2) + eps) * w over each of a row's groups of w.Length elements (arXiv 1910.07467, equation 4).
    /// </summary>
    public static double[][] RmsNorm(double[][] x, double[] w, double eps) => Map(x, row =>
    {
        var y = new double[row.Length];
        for (var group = 0; group < row.Length; group += w.Length)
        {
            var square = 0.0;
            for (var i = 0; i < w.Length; i++) square += row[group + i] * row[group + i];
            for (var i = 0; i < w.Length; i++) y[group + i] = row[group + i] / Math.Sqrt(square / w.Length + eps) * w[i];
        }
        return y;
    });

    /// <summary>Each head's halves turned by the token's angle (arXiv 2104.09864, in the layout of Hugging Face).</summary>
    public static double[][] Rotate(double[][] x, double[] frequencies, int[] positions) =>
        [.. x.Select((row, token) =>
        {
            var (y, half) = (new double[row.Length], frequencies.Length);
            for (var head = 0; head < row.Length; head += 2 * half)
                for (var i = 0; i < half; i++)
                {
                    var angle = positions[token] * frequencies[i];
                    var (a, b) = (row[head + i], row[head + half + i]);
                    y[head + i] = a * Math.Cos(angle) - b * Math.Sin(angle);
                    y[head + half + i] = b * Math.Cos(angle) + a * Math.Sin(angle);
                }
            return y;
        })];

    /// <summary>softmax(scale q k^T) v of each head, over the tokens of its document that are not later and within the window.</summary>
    /// <returns>o [n, heads x dim], and the logsumexp of the scores [n, heads].</returns>
    public static (double[][] O, double[][] L) Attend(
        AttentionShape shape, IReadOnlyList<Document> documents, double[][] q, double[][] k, double[][] v)
    {
        var (o, l) = (Map(q, row => new double[row.Length]), Map(q, _ => new double[shape.Heads]));
        foreach (var document in documents)
            for (var head = 0; head < shape.Heads; head++)
            {
                var (at, of) = (head * shape.HeadDim, head / (shape.Heads / shape.KvHeads) * shape.HeadDim);
                for (var query = document.Start; query < document.Start + document.Length; query++)
                {
                    var first = Math.Max(document.Start, query - (long)shape.Window + 1);
                    var keys = Enumerable.Range((int)first, query - (int)first + 1).ToArray();
                    var scores = Array.ConvertAll(keys, key =>
                        shape.Scale * Enumerable.Range(0, shape.HeadDim).Sum(i => q[query][at + i] * k[key][of + i]));
                    var highest = scores.Max();
                    var sum = scores.Sum(score => Math.Exp(score - highest));
                    l[query][head] = highest + Math.Log(sum);
                    for (var j = 0; j < keys.Length; j++)
                        for (var i = 0; i < shape.HeadDim; i++)
                            o[query][at + i] += Math.Exp(scores[j] - l[query][head]) * v[keys[j]][of + i];
                }
            }
        return (o, l);
    }

    /// <summary>act(gate) * up; the gate is the first half of a row.</summary>
    public static double[][] Gate(Activation act, double[][] gateUp) => Map(gateUp, row =>
    {
        var half = row.Length / 2;
        return [.. Enumerable.Range(0, half).Select(i => Activated(act, row[i]) * row[half + i])];
    });

    /// <summary>-ln softmax(logits)[target] of each row.</summary>
    public static double[] CrossEntropy(double[][] logits, int[] targets) => [.. logits.Select((row, i) =>
    {
        var highest = row.Max();
        return highest + Math.Log(row.Sum(logit => Math.Exp(logit - highest))) - row[targets[i]];
    })];

    /// <summary>One step of AdamW (arXiv 1711.05101, algorithm 2) on one parameter.</summary>
    public static void AdamW(ref double parameter, double gradient, ref double first, ref double second, AdamWStep step)
    {
        gradient *= step.GradientFactor;
        first = step.Beta1 * first + (1 - step.Beta1) * gradient;
        second = step.Beta2 * second + (1 - step.Beta2) * gradient * gradient;
        var (m, v) = (first / (1 - Math.Pow(step.Beta1, step.Step)), second / (1 - Math.Pow(step.Beta2, step.Step)));
        parameter -= step.LearningRate * (m / (Math.Sqrt(v) + step.Eps) + step.WeightDecay * parameter);
    }

    /// <summary>
    /// The gradient of sum(weights * f(x)) with respect to every element of x, by central differences: of the definition itself, so that no
    /// derivation is shared with the code under test. Good to some 9 digits.
    /// </summary>
    public static double[][] Gradient(double[][] x, double[][] weights, Func<double[][], double[][]> f)
    {
        const double step = 1e-5;
        var gradient = Map(x, row => new double[row.Length]);
        for (var i = 0; i < x.Length; i++)
            for (var j = 0; j < x[i].Length; j++)
            {
                var at = x[i][j];
                x[i][j] = at + step;
                var above = Weighted(f(x));
                x[i][j] = at - step;
                var below = Weighted(f(x));
                x[i][j] = at;
                gradient[i][j] = (above - below) / (2 * step);
            }
        return gradient;

        double Weighted(double[][] y) => y.Zip(weights, (row, of) => row.Zip(of, (value, weight) => value * weight).Sum()).Sum();
    }

    private static double Activated(Activation act, double x) => act switch
    {
        Activation.Silu => x / (1 + Math.Exp(-x)),
        Activation.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
        _ => throw new InvalidOperationException($"The activation {act} has no definition here."),
    };

    private static double[][] Map(double[][] x, Func<double[], double[]> of) => Array.ConvertAll(x, row => of(row));
}
