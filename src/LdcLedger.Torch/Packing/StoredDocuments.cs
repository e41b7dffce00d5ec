using System.Buffers.Binary;
using LdcLedger.Torch.Corpora;

namespace LdcLedger.Torch.Packing;

/// <summary>
/// One side of a corpus as tokens, in the order in which its records were read; the ids lie in a <see cref="TokenStore"/>, memory holds
/// twenty bytes a document.
/// </summary>
internal sealed class StoredDocuments(TokenStore store)
{
    private const int HashNumbers = 8;   // the hash stands before a document's tokens

    private readonly List<Entry> _entries = [];

    /// <param name="Prefix">The first 8 bytes of the hash: nearly always enough for the order.</param>
    private readonly record struct Entry(ulong Prefix, long At, int Tokens);

    public int Count => _entries.Count;

    /// <summary>UTF-8 bytes of the scored text of all of them.</summary>
    public long ScoredBytes { get; private set; }

    /// <exception cref="IOException">The store's disk is full.</exception>
    public void Add(Document document)
    {
        Span<int> hash = stackalloc int[HashNumbers];
        for (var i = 0; i < HashNumbers; i++)
            hash[i] = BinaryPrimitives.ReadInt32BigEndian(document.Hash.AsSpan(4 * i));
        var at = store.Append(hash) + HashNumbers;
        store.Append(StoredToken.Of(document.Ids, document.Scored));
        _entries.Add(new(BinaryPrimitives.ReadUInt64BigEndian(document.Hash), at, document.Ids.Length));
        ScoredBytes += document.ScoredBytes;
    }

    /// <summary>
    /// Where each begins and how many tokens it has, in order of hash, then of ids: so what is made of them does not hang on the order of
    /// the corpus, and mixes its parts.
    /// </summary>
    public IEnumerable<(long At, int Tokens)> InOrderOfHash()
    {
        var order = new int[Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        order.AsSpan().Sort((a, b) => Compare(_entries[a], _entries[b]));
        foreach (var i in order)
            yield return (_entries[i].At, _entries[i].Tokens);
    }

    private int Compare(Entry a, Entry b)
    {
        if (a.Prefix != b.Prefix)
            return a.Prefix.CompareTo(b.Prefix);
        if (a.At == b.At)
            return 0;
        Span<int> left = stackalloc int[HashNumbers], right = stackalloc int[HashNumbers];
        store.Read(a.At - HashNumbers, left);
        store.Read(b.At - HashNumbers, right);
        for (var i = 0; i < HashNumbers; i++)
            if (left[i] != right[i])
                return ((uint)left[i]).CompareTo((uint)right[i]);
        return IdsOf(a).AsSpan().SequenceCompareTo(IdsOf(b));
    }

    private int[] IdsOf(Entry entry)
    {
        var ids = new int[entry.Tokens];
        store.Read(entry.At, ids);
        for (var i = 0; i < ids.Length; i++)
            ids[i] = StoredToken.Id(ids[i]);
        return ids;
    }
}

/// <summary>A token id with whether it is to be predicted, as one number: the sign says that.</summary>
internal static class StoredToken
{
    public static int[] Of(int[] ids, bool[] scored)
    {
        var stored = new int[ids.Length];
        for (var i = 0; i < ids.Length; i++)
            stored[i] = scored[i] ? ids[i] | int.MinValue : ids[i];
        return stored;
    }

    public static int Id(int stored) => stored & int.MaxValue;

    public static bool IsScored(int stored) => stored < 0;
}
