using System.Collections.Concurrent;
using System.Text;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// The <c>model</c> of tokenizer.json: byte-pair encoding. A piece starts as single signs; of all neighbours that the list of merges knows,
/// the pair of the lowest rank (then the leftmost) becomes one token, until none is left. Safe for use by several threads.
/// </summary>
internal sealed class BytePairModel
{
    private const int LongestCached = 64, MostCached = 200_000, HeapFrom = 24;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly Dictionary<int, string> _tokens;
    private readonly Dictionary<ulong, (int Rank, int Id)> _merges = [];
    private readonly int[] _fallbackBytes = new int[256];
    private readonly int _unknown = -1;
    private readonly bool _fuseUnknown, _byteFallback, _wholeFirst, _spellBytes;
    private readonly string? _continuing, _endOfWord;
    private readonly JoinedSigns? _joined;
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _cached =
        new ConcurrentDictionary<string, int[]>().GetAlternateLookup<ReadOnlySpan<char>>();
    private int _cachedWords;

    /// <param name="json">The member <c>model</c>.</param>
    /// <param name="spellBytes">Pieces come as text and are to be spelled in the byte alphabet first.</param>
    public BytePairModel(TokenizerJson json, bool spellBytes)
    {
        if (json.Maybe("type") is { } type && type.Text() != "BPE")
            throw json.UnknownType("BPE");
        if (json.Maybe("dropout") is { } dropout && dropout.Value.GetRawText() is not ("0" or "0.0"))
            throw dropout.Wrong("drops merges at random, which gives no reproducible ids; null is needed");
        _ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (token, id) in json["vocab"].Members())
            _ids[token] = id.Number();
        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new Dictionary<int, string>(_ids.Count);
        foreach (var (token, id) in _ids)
            _tokens[id] = token;
        _continuing = json.Maybe("continuing_subword_prefix")?.Text() is { Length: > 0 } prefix ? prefix : null;
        _endOfWord = json.Maybe("end_of_word_suffix")?.Text() is { Length: > 0 } suffix ? suffix : null;
        _fuseUnknown = json.Flag("fuse_unk", false);
        _byteFallback = json.Flag("byte_fallback", false);
        _wholeFirst = json.Flag("ignore_merges", false);
        _spellBytes = spellBytes;
        if (json.Maybe("unk_token") is { } unknown && !_ids.TryGetValue(unknown.Text(), out _unknown))
            throw unknown.Wrong($"is \"{unknown.Text()}\", which is not in the vocabulary");
        for (var b = 0; b < 256; b++)
            _fallbackBytes[b] = _byteFallback && _ids.TryGetValue($"<0x{b:X2}>", out var id) ? id : -1;

        var joined = new JoinedSigns(_ids);
        var rank = 0;
        foreach (var merge in json["merges"].Items())
        {
            var (left, right) = ReadMerge(merge);
            if (left is null)
                continue;
            var tail = _continuing is null ? right : right[_continuing.Length..];
            _merges[Pair(IdOf(left, merge), IdOf(right, merge))] = (rank++, IdOf(left + tail, merge));
            joined.Add(left, tail);
        }
        // Tokens of single bytes do not show with which signs they meet; in the published vocabularies no merge takes them up.
        var bytes = _fallbackBytes.Where(id => id >= 0).ToHashSet();
        var bytesMerge = bytes.Count > 0 && _merges.Keys.Any(pair => bytes.Contains((int)(pair >> 32)) || bytes.Contains((int)(uint)pair));
        _joined = _wholeFirst || bytesMerge || _continuing is not null || _endOfWord is not null ? null : joined;
    }

    private static (string? Left, string Right) ReadMerge(TokenizerJson merge)
    {
        if (merge.Value.ValueKind == System.Text.Json.JsonValueKind.String)
        {
            var text = merge.Text();
            if (text.StartsWith("#version", StringComparison.Ordinal))
                return (null, "");
            return text.Split(' ') is [var a, var b]
                ? (a, b) : throw merge.Wrong($"is \"{text}\", but two tokens with one space between them are needed");
        }
        return merge.Items().Select(item => item.Text()).ToList() is [var left, var right]
            ? (left, right) : throw merge.Wrong("is not a pair of tokens");
    }

    private int IdOf(string token, TokenizerJson merge) =>
        _ids.TryGetValue(token, out var id) ? id : throw merge.Wrong($"needs the token \"{token}\", which is not in the vocabulary");

    private static ulong Pair(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    /// <summary>Tokens in the vocabulary.</summary>
    public int Size => _ids.Count;

    public int LargestId => _tokens.Count == 0 ? -1 : _tokens.Keys.Max();

    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    public string? TokenOf(int id) => _tokens.GetValueOrDefault(id);

    /// <summary>Appends the ids of one piece.</summary>
    /// <param name="cuts">Takes the places in the piece before and after which it may be encoded apart, with the ids that lie before
    /// each.</param>
    public void Encode(ReadOnlySpan<char> piece, List<int> into, List<(int At, int Ids)>? cuts = null)
    {
        if (_joined is null || piece.Length <= 8 && cuts is null)
        {
            EncodeWord(piece, into);
            return;
        }
        // A merge ends up across two neighbouring signs only if some merge joins them; elsewhere the piece falls apart into words that
        // repeat.
        var start = 0;
        for (var at = 1; at < piece.Length; at++)
        {
            if (char.IsLowSurrogate(piece[at]) || _joined.MayMeet(piece[at - 1], piece[at]))
                continue;
            EncodeWord(piece[start..at], into);
            start = at;
            cuts?.Add((at, into.Count));
        }
        EncodeWord(piece[start..], into);
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> into)
    {
        if (word.Length > LongestCached)
        {
            into.AddRange(Merge(word));
            return;
        }
        if (!_cached.TryGetValue(word, out var ids))
        {
            ids = Merge(word);
            if (Interlocked.Increment(ref _cachedWords) <= MostCached)   // about; counting the entries would lock all of them
                _cached[word] = ids;
        }
        into.AddRange(ids);
    }

    private int[] Merge(ReadOnlySpan<char> word)
    {
        if (_spellBytes)
            word = ByteAlphabet.Spell(word);
        if (_wholeFirst && _idsBySpan.TryGetValue(word, out var whole))
            return [whole];
        var symbols = Signs(word);
        if (symbols.Count > HeapFrom)
            return MergeByHeap(symbols);
        while (true)   // short words: the best pair by looking at all of them
        {
            var (best, at, merged) = (int.MaxValue, -1, 0);
            for (var i = 0; i + 1 < symbols.Count; i++)
                if (_merges.TryGetValue(Pair(symbols[i], symbols[i + 1]), out var merge) && merge.Rank < best)
                    (best, at, merged) = (merge.Rank, i, merge.Id);
            if (at < 0)
                return [.. symbols];
            symbols[at] = merged;
            symbols.RemoveAt(at + 1);
        }
    }

    /// <summary>The ids of the single signs: from the vocabulary, else as bytes, else unknown.</summary>
    private List<int> Signs(ReadOnlySpan<char> word)
    {
        var ids = new List<int>(word.Length);
        var unknownWaits = false;
        Span<byte> utf8 = stackalloc byte[256];
        for (var at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out _, out var width);
            var sign = word.Slice(at, width);
            var (first, last) = (at == 0, at + width == word.Length);
            at += width;
            if (!first && _continuing is not null)
                sign = _continuing + sign.ToString();
            if (last && _endOfWord is not null)
                sign = sign.ToString() + _endOfWord;
            if (_idsBySpan.TryGetValue(sign, out var id))
            {
                if (unknownWaits)
                    ids.Add(_unknown);
                unknownWaits = false;
                ids.Add(id);
                continue;
            }
            if (_byteFallback && sign.Length * 3 <= utf8.Length)
            {
                var bytes = utf8[..Encoding.UTF8.GetBytes(sign, utf8)];
                if (HasAll(bytes))
                {
                    foreach (var b in bytes)
                        ids.Add(_fallbackBytes[b]);
                    continue;
                }
            }
            if (_unknown < 0)
                continue;   // without an unknown token the sign is dropped, as the reference library does
            if (unknownWaits && !_fuseUnknown)
                ids.Add(_unknown);
            unknownWaits = true;
        }
        if (unknownWaits)
            ids.Add(_unknown);
        return ids;
    }

    private bool HasAll(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            if (_fallbackBytes[b] < 0)
                return false;
        return true;
    }

    /// <summary>Long words: a heap of candidate pairs over a linked list, O(n log n).</summary>
    private int[] MergeByHeap(List<int> symbols)
    {
        var n = symbols.Count;
        var (ids, next, previous) = (symbols.ToArray(), new int[n], new int[n]);
        var heap = new PriorityQueue<(int At, int Id), long>(n);
        void Offer(int at, int right)
        {
            if (_merges.TryGetValue(Pair(ids[at], ids[right]), out var merge))
                heap.Enqueue((at, merge.Id), (long)merge.Rank << 32 | (uint)at);
        }
        for (var i = 0; i < n; i++)
            (next[i], previous[i]) = (i + 1 < n ? i + 1 : -1, i - 1);
        for (var i = 0; i + 1 < n; i++)
            Offer(i, i + 1);
        while (heap.TryDequeue(out var candidate, out _))
        {
            var (at, id) = candidate;
            var right = next[at];
            if (ids[at] < 0 || right < 0 || !_merges.TryGetValue(Pair(ids[at], ids[right]), out var merge) || merge.Id != id)
                continue;   // one of the two has been merged since
            (ids[at], ids[right], next[at]) = (id, -1, next[right]);
            if (next[at] >= 0)
            {
                previous[next[at]] = at;
                Offer(at, next[at]);
            }
            if (previous[at] >= 0)
                Offer(previous[at], at);
        }
        return [.. ids.Where(id => id >= 0)];
    }
}
