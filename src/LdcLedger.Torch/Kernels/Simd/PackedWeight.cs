using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// A frozen weight in panels of 32 outputs, [ceil(out / 32)][in][32], fp32 or bf16: the layout in which <see cref="Gemm"/> reads it for y =
/// x W^T. The panels of dx = dy W are turned from it: once where the weight is small, block by block as they are needed where it is large.
/// </summary>
internal sealed unsafe class PackedWeight : PanelWeight
{
    private const long KeptBelow = 1 << 21;                        // elements: 8 MB
    private const int BlockBytes = Gemm.Width * Gemm.Width * sizeof(float);

    private readonly float* _panels;
    private readonly ushort* _brain;
    private readonly Lazy<nint> _turned;

    public PackedWeight(IReadOnlyList<ITensorSource> parts, bool keepBrainFloats)
        : base((int)parts.Sum(part => part.Shape[0]), (int)parts[0].Shape[1])
    {
        var elements = (nuint)((long)Panels(Out) * Gemm.Width * In);
        if (keepBrainFloats) _brain = (ushort*)NativeMemory.AlignedAlloc(elements * 2, 64);
        else _panels = (float*)NativeMemory.AlignedAlloc(elements * 4, 64);
        _turned = new Lazy<nint>(Turn);
        var rows = new float[Gemm.Width * In];
        var panel = new float[Gemm.Width * In];
        int part = 0, from = 0;
        for (var p = 0; p < Panels(Out); p++)
        {
            var filled = 0;
            while (filled < Gemm.Width && part < parts.Count)
            {
                var take = (int)Math.Min(Gemm.Width - filled, parts[part].Shape[0] - from);
                parts[part].CopyTo(rows.AsSpan(filled * In, take * In), (long)from * In);
                (filled, from) = (filled + take, from + take);
                if (from == parts[part].Shape[0]) (part, from) = (part + 1, 0);
            }
            fixed (float* source = rows, packed = panel)
            {
                var to = keepBrainFloats ? packed : _panels + (long)p * Gemm.Width * In;
                Transpose.IntoPanel(source, In, filled, In, to);
                if (keepBrainFloats) Narrow(to, _brain + (long)p * Gemm.Width * In, Gemm.Width * In);
            }
        }
    }

    /// <summary>What a weight takes, its turned copy included where one is kept.</summary>
    public static long BytesOf(int outFeatures, int inFeatures, bool keepBrainFloats)
    {
        long elements = (long)Panels(outFeatures) * Gemm.Width * inFeatures,
            turned = (long)Panels(inFeatures) * Gemm.Width * Panels(outFeatures) * Gemm.Width;
        return elements * (keepBrainFloats ? 2 : 4) + (!keepBrainFloats && (long)outFeatures * inFeatures <= KeptBelow ? turned * 4 : 0);
    }

    public override float* Forward(int p, int from, int steps, float* scratch)
    {
        var at = ((long)p * In + from) * Gemm.Width;
        if (_brain is null) return _panels + at;
        Widen(_brain + at, scratch, steps * Gemm.Width);
        return scratch;
    }

    public override float* Backward(int p, int from, int steps, float* scratch)
    {
        if (_brain is null && (long)Out * In <= KeptBelow)
            return (float*)_turned.Value + ((long)p * Panels(Out) * Gemm.Width + from) * Gemm.Width;
        TurnBlocks(p, from, steps, scratch);
        return scratch;
    }

    // What is smaller, caches keep by themselves.
    private bool IsFar => _brain is null && (long)Out * In > KeptBelow;

    public override Prefetch PrefetchForward(int p, int from, int steps) => IsFar && p < Panels(Out)
        ? new((byte*)(_panels + ((long)p * In + from) * Gemm.Width), BlockBytes, steps / Gemm.Width) : default;

    public override Prefetch PrefetchBackward(int p, int from, int steps) => IsFar && p < Panels(In)
        ? new((byte*)(_panels + ((long)(from / Gemm.Width) * In + p * Gemm.Width) * Gemm.Width), (long)In * Gemm.Width * sizeof(float),
            steps / Gemm.Width)
        : default;

    private nint Turn()
    {
        var rows = Panels(Out) * Gemm.Width;
        var turned = (float*)NativeMemory.AlignedAlloc((nuint)((long)Panels(In) * rows * Gemm.Width * 4), 64);
        for (var p = 0; p < Panels(In); p++) TurnBlocks(p, 0, Out, turned + (long)p * rows * Gemm.Width);
        return (nint)turned;
    }

    /// <summary>A panel of inputs is a column of 32 x 32 blocks, each contiguous in the panels of outputs.</summary>
    private void TurnBlocks(int p, int from, int steps, float* to)
    {
        var wide = stackalloc float[Gemm.Width * Gemm.Width];
        var inputs = Math.Min(Gemm.Width, In - p * Gemm.Width);
        for (var o = 0; o < steps; o += Gemm.Width)
        {
            var at = ((long)((from + o) / Gemm.Width) * In + p * Gemm.Width) * Gemm.Width;
            var block = _panels + at;
            if (_brain is null && o + Gemm.Width < steps) Ahead(block + (long)In * Gemm.Width, inputs * Gemm.Width);
            if (_brain is not null) Widen(_brain + at, block = wide, inputs * Gemm.Width);
            Transpose.IntoPanel(block, Gemm.Width, inputs, Gemm.Width, to + o * Gemm.Width);
        }
    }

    /// <summary>Asks for the next block: it lies far away, where the processor does not look by itself.</summary>
    private static void Ahead(float* block, int count)
    {
        if (!Sse.IsSupported) return;
        for (var i = 0; i < count; i += 16) Sse.Prefetch1(block + i);
    }

    public override float At(int o, int i)
    {
        var at = ((long)(o / Gemm.Width) * In + i) * Gemm.Width + o % Gemm.Width;
        return _brain is null ? _panels[at] : BrainFloat.Value(_brain[at]);
    }

    private static void Widen(ushort* from, float* to, int count)
    {
        for (var i = 0; i < count; i += 16)
            Vector512.ShiftLeft(Vector512.Create(Vector256.WidenLower(Vector256.Load(from + i)),
                Vector256.WidenUpper(Vector256.Load(from + i))), 16).AsSingle().Store(to + i);
    }

    private static void Narrow(float* from, ushort* to, int count)
    {
        for (var i = 0; i < count; i++) to[i] = BrainFloat.Of(from[i]);
    }

    public override void Dispose()
    {
        if (_panels is not null) NativeMemory.AlignedFree(_panels);
        if (_brain is not null) NativeMemory.AlignedFree(_brain);
        if (_turned.IsValueCreated) NativeMemory.AlignedFree((void*)_turned.Value);
    }
}
