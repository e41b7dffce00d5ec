using System.Text;

namespace LdcLedger.Torch;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same everywhere; nothing here draws from a shared generator.</summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    public ulong Next() => Mixed(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform in [0, below).</summary>
    public int NextInt(int below) => (int)Math.BigMul(Next(), (ulong)below, out _);

    /// <summary>One number out of several, each of which counts.</summary>
    public static ulong Hash(params ReadOnlySpan<ulong> parts)
    {
        var hash = 0x243F6A8885A308D3UL;
        foreach (var part in parts) hash = Mixed(hash ^ Mixed(part + 0x9E3779B97F4A7C15));
        return hash;
    }

    public static ulong Hash(string text)
    {
        var hash = 0x13198A2E03707344UL;
        foreach (var b in Encoding.UTF8.GetBytes(text)) hash = Mixed(hash ^ b);
        return hash;
    }

    private static ulong Mixed(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
