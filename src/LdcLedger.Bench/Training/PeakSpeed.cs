using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Bench.Training;

/// <summary>How fast this machine can multiply and add: what training speed is a share of.</summary>
public static class PeakSpeed
{
    private const int Size = 2048, Repeats = 5, Rounds = 20_000_000, Accumulators = 12;

    /// <summary>
    /// 10^9 FLOP per second, the best of several measures: on the CPU fused multiply-adds that never leave the registers, at the width of
    /// the exact arithmetic's vectors, on so many threads at once; elsewhere the device's own product of 2048 x 2048 fp32.
    /// </summary>
    public static double Gflops(string device, int threads) => DeviceArithmetic.IsCpu(device) ? Registers(threads) : Matmul(device);

    private static double Registers(int threads)
    {
        var lanes = Vector512.IsHardwareAccelerated ? 16 : 8;
        double Sums() => lanes == 16 ? Chains512(Rounds) : Chains256(Rounds);
        return Best(2.0 * lanes * Accumulators * Rounds * threads,
            () => Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => GC.KeepAlive(Sums())));
    }

    private static double Matmul(string device)
    {
        var where = Device.Named(device);
        using var scope = Tensor.NewScope();
        Tensor a = Tensor.randn(Size, Size, where), b = Tensor.randn(Size, Size, where), c = Tensor.zeros(Size, Size, Dtype.Float32, where);
        return Best(2.0 * Size * Size * Size, () =>
        {
            c.addmm_(a, b, 0, 1);
            where.Synchronize();
        });
    }

    private static double Best(double flop, Action work)
    {
        var best = 0.0;
        for (var i = 0; i < Repeats; i++)
        {
            var started = Stopwatch.GetTimestamp();
            work();
            best = Math.Max(best, flop / Stopwatch.GetElapsedTime(started).TotalSeconds / 1e9);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Chains256(int rounds)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(0.001f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var round = 0; round < rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }
        return (a + b + c + d + e + f + g + h + i + j + k + l)[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Chains512(int rounds)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var round = 0; round < rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return (a + b + c + d + e + f + g + h + i + j + k + l)[0];
    }
}
