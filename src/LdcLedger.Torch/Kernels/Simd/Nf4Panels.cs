using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// A frozen weight of 4 bits in panels of 32 outputs: 16 bytes for every input, byte b with the codes of outputs b and b + 16, and beside
/// them the factors of the blocks that the inputs fall into, [groups][32]. Products dequantise some rows of a panel at a time into the
/// caller's scratch: one multiplication and one rounding, the same bits whatever the processor's vectors are.
/// </summary>
internal sealed unsafe class Nf4Panels : PanelWeight
{
    private const int CodeBytes = Gemm.Width / 2;

    private static readonly Vector512<float> Levels = Vector512.Create(Nf4Codes.Levels);

    private readonly byte* _codes;
    private readonly float* _factors;
    private readonly int _group;
    private readonly Rounding _rounding;
    private readonly bool _thenBrainFloat;

    /// <summary>Whether parts can be kept in 4 bits together: each of them is, under the same blocks and rounding.</summary>
    public static bool Fit(IReadOnlyList<ITensorSource> parts) => parts[0] is Nf4Tensor first
        && parts.All(part => part is Nf4Tensor other && other.BlockSize == first.BlockSize && other.Rounding == first.Rounding);

    /// <param name="parts">One below the other.</param>
    /// <param name="brainFloats">Whether products take bf16, whatever the dequantised number was rounded to before.</param>
    public Nf4Panels(IReadOnlyList<Nf4Tensor> parts, bool brainFloats)
        : base((int)parts.Sum(part => part.Shape[0]), (int)parts[0].Shape[1])
    {
        (_group, _rounding) = (Group(In, parts[0].BlockSize), parts[0].Rounding);
        _thenBrainFloat = brainFloats && _rounding != Rounding.BrainFloat;
        var (panels, groups) = (Panels(Out), Groups(In, _group));
        _codes = (byte*)NativeMemory.AlignedAlloc((nuint)((long)panels * In * CodeBytes), 64);
        _factors = (float*)NativeMemory.AlignedAlloc((nuint)((long)panels * groups * Gemm.Width * sizeof(float)), 64);
        // Outputs that fill up the last panel are zeros.
        new Span<byte>(_codes + (long)(panels - 1) * In * CodeBytes, In * CodeBytes).Fill(Nf4Codes.Zero << 4 | Nf4Codes.Zero);
        new Span<float>(_factors + (long)(panels - 1) * groups * Gemm.Width, groups * Gemm.Width).Clear();
        var first = 0;
        foreach (var part in parts)
        {
            var (weight, row) = (part.Weight, first);
            var rows = (int)part.Shape[0];
            // A panel's codes are written by one thread: two outputs share a byte.
            Parallel.For(row / Gemm.Width, Panels(row + rows), p =>
            {
                for (var o = Math.Max(row, p * Gemm.Width); o < Math.Min(row + rows, (p + 1) * Gemm.Width); o++)
                    Place(weight, o - row, p, o % Gemm.Width);
            });
            first += rows;
        }
    }

    /// <summary>What a weight takes.</summary>
    public static long BytesOf(int outFeatures, int inFeatures, int blockSize) => (long)Panels(outFeatures)
        * (inFeatures * CodeBytes + (long)Groups(inFeatures, Group(inFeatures, blockSize)) * Gemm.Width * sizeof(float));

    // Where rows are not whole blocks, every element has its factor: no published model has such.
    private static int Group(int inFeatures, int blockSize) => inFeatures % blockSize == 0 ? blockSize : 1;

    private static int Groups(int inFeatures, int group) => inFeatures / group;

    private void Place(Nf4Weight weight, int row, int p, int lane)
    {
        var codes = _codes + (long)p * In * CodeBytes + lane % CodeBytes;
        var factors = _factors + (long)p * Groups(In, _group) * Gemm.Width + lane;
        var from = (long)row * In;
        for (var i = 0; i < In; i++, codes += CodeBytes)
        {
            var code = weight.Code(from + i);
            *codes = (byte)(lane < CodeBytes ? *codes & 0xF0 | code : *codes & 0x0F | code << 4);
        }
        for (var i = 0; i < In; i += _group, factors += Gemm.Width) *factors = weight.Absmax[weight.FactorOf(from + i)];
    }

    public override float* Forward(int p, int from, int steps, float* scratch)
    {
        for (var i = 0; i < steps; i++) Dequantise(p, from + i, scratch + i * Gemm.Width);
        return scratch;
    }

    public override float* Backward(int p, int from, int steps, float* scratch)
    {
        var wide = stackalloc float[Gemm.Width * Gemm.Width];
        var inputs = Math.Min(Gemm.Width, In - p * Gemm.Width);
        for (var o = 0; o < steps; o += Gemm.Width)
        {
            for (var i = 0; i < inputs; i++) Dequantise((from + o) / Gemm.Width, p * Gemm.Width + i, wide + i * Gemm.Width);
            Transpose.IntoPanel(wide, Gemm.Width, inputs, Gemm.Width, scratch + o * Gemm.Width);
        }
        return scratch;
    }

    public override float At(int o, int i)
    {
        var row = stackalloc float[Gemm.Width];
        Dequantise(o / Gemm.Width, i, row);
        return row[o % Gemm.Width];
    }

    /// <summary>One input's weights in a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Dequantise(int p, int i, float* to)
    {
        var packed = Vector128.Load(_codes + ((long)p * In + i) * CodeBytes);
        var factors = _factors + ((long)p * Groups(In, _group) + i / _group) * Gemm.Width;
        var mask = Vector128.Create((byte)0x0F);
        Round(LevelsOf(packed & mask) * Vector512.Load(factors)).Store(to);
        Round(LevelsOf(Vector128.ShiftRightLogical(packed, 4) & mask) * Vector512.Load(factors + CodeBytes)).Store(to + CodeBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LevelsOf(Vector128<byte> codes)
    {
        var (low, high) = Vector128.Widen(codes);
        var (first, second) = (Vector256.Create(Vector128.WidenLower(low), Vector128.WidenUpper(low)).AsInt32(),
            Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high)).AsInt32());
        if (Avx512F.IsSupported) return Avx512F.PermuteVar16x32(Levels, Vector512.Create(first, second));
        if (Avx2.IsSupported) return Vector512.Create(Of8(first), Of8(second));
        var levels = stackalloc float[CodeBytes];
        for (var i = 0; i < CodeBytes; i++) levels[i] = Nf4Codes.Levels[codes[i]];
        return Vector512.Load(levels);

        // The lower or the upper half of the levels, by the code's highest bit.
        static Vector256<float> Of8(Vector256<int> codes) => Avx.BlendVariable(Avx2.PermuteVar8x32(Levels.GetLower(), codes),
            Avx2.PermuteVar8x32(Levels.GetUpper(), codes), Vector256.ShiftLeft(codes, 28).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Round(Vector512<float> values)
    {
        if (_rounding == Rounding.Half) values = Halves(values);
        return _rounding == Rounding.BrainFloat || _thenBrainFloat ? BrainFloats(values) : values;
    }

    /// <summary>To nearest, ties to even; weights are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> BrainFloats(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var tie = Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One;
        return ((bits + Vector512.Create(0x7FFFu) + tie) & Vector512.Create(0xFFFF0000u)).AsSingle();
    }

    private static Vector512<float> Halves(Vector512<float> values)
    {
        var halves = stackalloc float[CodeBytes];
        values.Store(halves);
        for (var i = 0; i < CodeBytes; i++) halves[i] = (float)(Half)halves[i];
        return Vector512.Load(halves);
    }

    public override void Dispose()
    {
        NativeMemory.AlignedFree(_codes);
        NativeMemory.AlignedFree(_factors);
    }
}
