namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// Which two neighbouring signs some merge can ever bring together: those where a left part ends in the one and a right part begins with
/// the other. Between any other two known signs a piece may be cut without changing its ids.
/// </summary>
internal sealed class JoinedSigns(Dictionary<string, int> vocabulary)
{
    private readonly ulong[] _ascii = new ulong[128 * 128 / 64];
    private readonly HashSet<uint> _others = [];
    private readonly ulong[] _known = Known(vocabulary);

    private static ulong[] Known(Dictionary<string, int> vocabulary)
    {
        var known = new ulong[0x10000 / 64];
        foreach (var token in vocabulary.Keys.Where(token => token.Length == 1))
            known[token[0] >> 6] |= 1UL << token[0];
        return known;
    }

    public void Add(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
            return;
        var (a, b) = (left[^1], right[0]);
        if (a < 128 && b < 128)
            _ascii[(a << 7 | b) >> 6] |= 1UL << b;
        else
            _others.Add((uint)a << 16 | b);
    }

    /// <summary>False only where both are signs of the vocabulary that no merge joins. Signs beyond U+FFFF always may.</summary>
    public bool MayMeet(char left, char right)
    {
        if ((_known[left >> 6] >> left & 1) == 0 || (_known[right >> 6] >> right & 1) == 0)
            return true;
        return left < 128 && right < 128
            ? (_ascii[(left << 7 | right) >> 6] >> right & 1) != 0 : _others.Contains((uint)left << 16 | right);
    }
}
