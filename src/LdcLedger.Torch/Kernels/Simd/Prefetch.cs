using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LdcLedger.Torch.Kernels.Simd;

/// <summary>
/// Memory that the next panel of a large weight will be read from. It lies where the processor does not look by itself, so it is asked for
/// while the panel before is worked with; that changes no number.
/// </summary>
/// <param name="first">The first of <paramref name="pieces"/> pieces of 4 KB, each <paramref name="stride"/> bytes after the one before.
/// </param>
internal unsafe struct Prefetch(byte* first, long stride, int pieces)
{
    /// <summary>Multiply-adds of a chain between one question and the next.</summary>
    public const int Interval = 8;

    private const int PieceBytes = 4096, LineBytes = 64;

    private int _next = 0;

    public readonly bool HasPieces => pieces > 0;

    /// <summary>The piece that a tile asks for; nothing where none is left, or the chain is too short to ask for one by the way.</summary>
    public Piece Next(int chain) => _next < pieces && chain >= Interval * PieceBytes / LineBytes
        ? new(first + _next++ * stride, PieceBytes * Interval / chain) : default;

    /// <param name="at">Where to begin.</param>
    /// <param name="step">Bytes from one question to the next; they may meet a line twice.</param>
    internal readonly struct Piece(byte* at, int step)
    {
        /// <summary>Where nothing is asked for, what is at hand anyway.</summary>
        public byte* From(float* atHand) => at is null ? (byte*)atHand : at;

        public int Step => step;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(byte* line)
    {
        if (Sse.IsSupported) Sse.Prefetch1(line);
    }
}
