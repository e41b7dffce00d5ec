using System.Diagnostics;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Simd;
using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Bench.Training;

/// <summary>How fast this machine multiplies large matrices: what training speed is a share of.</summary>
public static class MatmulPeak
{
    private const int Size = 2048, Repeats = 5;

    /// <summary>
    /// 10^9 FLOP per second, the best of several products of 2048 x 2048 fp32; on the CPU the better of ATen's kernel and ours.
    /// </summary>
    public static double Gflops(string device, int threads)
    {
        var where = Device.Named(device);
        var best = 0.0;
        void Time(Action product)
        {
            for (var i = 0; i < Repeats; i++)
            {
                var started = Stopwatch.GetTimestamp();
                product();
                best = Math.Max(best, 2.0 * Size * Size * Size / Stopwatch.GetElapsedTime(started).TotalSeconds / 1e9);
            }
        }
        using (Tensor.NewScope())
        {
            where.UseThreads(threads);
            Tensor a = Tensor.randn(Size, Size, where), b = Tensor.randn(Size, Size, where), c = Tensor.zeros(Size, Size, where);
            Time(() =>
            {
                c.addmm_(a, b, 0, 1);
                where.Synchronize();
            });
        }
        if (device == "cpu" && SimdArithmetic.IsSupported) Simd(threads, Time);
        return best;
    }

    private static void Simd(int threads, Action<Action> time)
    {
        var rows = Size / threads;
        var workers = Enumerable.Range(0, threads).Select(_ => new SimdArithmetic()).ToArray();
        using var source = new SimdArithmetic();
        using Matrix a = source.NewMatrix(Size, Size), b = source.NewMatrix(Size, Size), c = source.NewMatrix(Size, Size);
        a.Set([.. Enumerable.Range(0, Size * Size).Select(i => i % 13 - 6f)]);
        b.Set([.. Enumerable.Range(0, Size * Size).Select(i => i % 11 - 5f)]);
        time(() => Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, t =>
        {
            var some = t == threads - 1 ? Size - t * rows : rows;
            workers[t].MultiplyTransposed(a.View(t * rows, some, 0, Size), b, c.View(t * rows, some, 0, Size));
        }));
        foreach (var worker in workers) worker.Dispose();
    }
}
