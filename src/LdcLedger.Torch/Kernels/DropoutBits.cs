namespace LdcLedger.Torch.Kernels;

/// <summary>
/// 32 bits for each element of a matrix, without any pattern and without a generator's state: which elements are dropped follows from a key
/// and a place.
/// </summary>
internal static class DropoutBits
{
    public const uint First = 0x7feb352d, Second = 0x846ca68b;     // hash constants by Chris Wellons' search (lowbias32)

    public static uint Of(uint place, ulong key) => Mixed(Mixed(place ^ (uint)key) + (uint)(key >> 32));

    private static uint Mixed(uint x)
    {
        x = (x ^ (x >> 16)) * First;
        x = (x ^ (x >> 15)) * Second;
        return x ^ (x >> 16);
    }
}
