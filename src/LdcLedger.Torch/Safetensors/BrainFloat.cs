using System.Runtime.CompilerServices;

namespace LdcLedger.Torch.Safetensors;

/// <summary>bf16: the upper half of an fp32.</summary>
internal static class BrainFloat
{
    /// <summary>The nearest one, ties to even; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Of(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)(bits >> 16 | 0x40) : (ushort)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Value(ushort brain) => BitConverter.UInt32BitsToSingle((uint)brain << 16);
}
