using LdcLedger.Torch.Libtorch;

namespace LdcLedger.Torch.Kernels.Aten;

/// <summary>
/// Dropout on a CUDA device, by <see cref="DropoutBits"/>' bits: two small kernels, compiled when they are first needed. On a device of
/// shapes they are counted.
/// </summary>
internal sealed unsafe class DropoutKernel(Device device, bool brainFloats)
{
    // Parts of one input that can drop at a time: q, k and v.
    private const int MostParts = 4;

    /// <summary>CUDA C that needs no header; NUMBER is float, or unsigned short for bf16.</summary>
    internal const string Source = """
        typedef unsigned int uint32;
        typedef unsigned long long uint64;
        struct Keys { uint64 of[4]; };
        #ifdef BRAIN_FLOATS
        typedef unsigned short NUMBER;
        __device__ inline float load(NUMBER x) { return __uint_as_float((uint32)x << 16); }
        __device__ inline NUMBER store(float x)
        {
            if (x != x) return 0x7fc0;
            uint32 bits = __float_as_uint(x);
            return (NUMBER)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);       // to the nearest, ties to even
        }
        #else
        typedef float NUMBER;
        __device__ inline float load(NUMBER x) { return x; }
        __device__ inline NUMBER store(float x) { return x; }
        #endif
        __device__ inline uint32 mixed(uint32 x)
        {
            x = (x ^ (x >> 16)) * 0x7feb352du;
            x = (x ^ (x >> 15)) * 0x846ca68bu;
            return x ^ (x >> 16);
        }
        __device__ inline bool kept(uint32 place, uint64 key, uint32 threshold)
        {
            return mixed(mixed(place ^ (uint32)key) + (uint32)(key >> 32)) >= threshold;
        }
        extern "C" __global__ void drop(const NUMBER* x, long long stride, NUMBER* y, long long rows, long long columns, int parts,
            uint64 first, uint32 threshold, float keep, Keys keys)
        {
            long long all = rows * columns, step = (long long)gridDim.x * blockDim.x;
            for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < all; i += step)
            {
                float value = load(x[i / columns * stride + i % columns]) * keep;
                for (int part = 0; part < parts; part++)
                    y[part * all + i] = store(kept((uint32)(first + i), keys.of[part], threshold) ? value : 0.0f);
            }
        }
        extern "C" __global__ void add_left(const NUMBER* x, NUMBER* y, long long stride, long long rows, long long columns, int parts,
            uint64 first, uint32 threshold, float keep, Keys keys)
        {
            long long all = rows * columns, step = (long long)gridDim.x * blockDim.x;
            for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < all; i += step)
            {
                NUMBER* to = y + i / columns * stride + i % columns;
                float sum = load(*to);
                for (int part = 0; part < parts; part++)
                    if (kept((uint32)(first + i), keys.of[part], threshold)) sum += load(x[part * all + i]) * keep;
                *to = store(sum);
            }
        }
        """;

    private struct Keys
    {
        public fixed ulong Of[MostParts];
    }

    private readonly CudaModule? _module = device.HasNumbers
        ? CudaModule.Of(device, "dropout", brainFloats ? "#define BRAIN_FLOATS\n" + Source : Source) : null;

    /// <summary>y = what each part keeps of x, one below the other; y's rows follow one another.</summary>
    public void Drop(Matrix x, in Dropping drop, Matrix y)
    {
        OperationCount.Current?.Operated();
        if (_module is null) return;
        void* from = x.Tensor!.Address, to = y.Tensor!.Address;
        long stride = x.Tensor.RowStride, rows = x.Rows, columns = x.Columns;
        var parts = drop.Keys.Length;
        var (first, threshold, keep, keys) = Constants(drop, columns);
        void** arguments = stackalloc void*[] { &from, &stride, &to, &rows, &columns, &parts, &first, &threshold, &keep, &keys };
        _module.Launch("drop", rows * columns, arguments);
    }

    /// <summary>y += what each part keeps of its own rows of x, which lie one below the other and follow one another.</summary>
    public void AddLeft(Matrix x, in Dropping drop, Matrix y)
    {
        OperationCount.Current?.Operated();
        if (_module is null) return;
        void* from = x.Tensor!.Address, to = y.Tensor!.Address;
        long stride = y.Tensor.RowStride, rows = y.Rows, columns = y.Columns;
        var parts = drop.Keys.Length;
        var (first, threshold, keep, keys) = Constants(drop, columns);
        void** arguments = stackalloc void*[] { &from, &to, &stride, &rows, &columns, &parts, &first, &threshold, &keep, &keys };
        _module.Launch("add_left", rows * columns, arguments);
    }

    private static (ulong First, uint Threshold, float Keep, Keys Keys) Constants(in Dropping drop, long columns)
    {
        var keys = default(Keys);
        for (var i = 0; i < drop.Keys.Length; i++) keys.Of[i] = drop.Keys[i];
        return ((ulong)(drop.FirstRow * columns), DropoutBits.Threshold(drop.P), (float)(1 / (1 - drop.P)), keys);
    }
}
