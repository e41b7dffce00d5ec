namespace LdcLedger.Torch.Tokenizers;

/// <summary>A token that is cut out of the text before the vocabulary is asked.</summary>
/// <param name="Normalized">Matched in the normalised text rather than in the text as given.</param>
/// <param name="Special">Left out when decoding without special tokens.</param>
internal sealed record AddedToken(string Content, int Id, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);

/// <summary>Finds added tokens in a text: at each place the longest one, from left to right, without overlaps.</summary>
internal sealed class AddedTokenSearch
{
    private sealed class Node
    {
        public Dictionary<char, Node>? Next;
        public AddedToken? Token;
    }

    private readonly Node _root = new();
    private readonly bool[] _begins = new bool[0x10000];
    private readonly bool _any, _passSpecial;

    /// <summary>Characters of the longest token; 0 without any.</summary>
    public int Longest { get; }

    /// <summary>Whether some token asks what stands before it.</summary>
    public bool LooksBack { get; }

    /// <param name="passSpecial">Special tokens are read as plain text (split_special_tokens).</param>
    public AddedTokenSearch(IEnumerable<(string Spelling, AddedToken Token)> tokens, bool passSpecial)
    {
        _passSpecial = passSpecial;
        foreach (var (spelling, token) in tokens.Where(t => t.Spelling.Length > 0))
        {
            var node = _root;
            foreach (var c in spelling)
            {
                node.Next ??= [];
                if (!node.Next.TryGetValue(c, out var next))
                    node.Next[c] = next = new Node();
                node = next;
            }
            node.Token = token;
            _begins[spelling[0]] = _any = true;
            Longest = Math.Max(Longest, spelling.Length);
            LooksBack |= token.SingleWord || token.LeftStrip;
        }
    }

    /// <summary>Cuts <paramref name="text"/> into added tokens and what lies between, in order; nothing is empty.</summary>
    public IEnumerable<(int Start, int End, AddedToken? Token)> Cut(string text)
    {
        var done = 0;
        for (var at = 0; _any && at < text.Length;)
        {
            if (!_begins[text[at]] || LongestAt(text, at) is not { Token: { } token } match)
            {
                at++;
                continue;
            }
            var (start, end) = (at, match.End);
            at = match.End;
            if (_passSpecial && token.Special)
                continue;
            if (token.SingleWord && (start > 0 && IsWord(text, start - 1) || end < text.Length && IsWord(text, end)))
                continue;
            if (token.LeftStrip)
                while (start > done && char.IsWhiteSpace(text[start - 1]))
                    start--;
            if (token.RightStrip)
                while (end < text.Length && char.IsWhiteSpace(text[end]))
                    end++;
            start = Math.Max(start, done);   // the one before may have taken these signs as its right-hand space
            if (done < start)
                yield return (done, start, null);
            yield return (start, Math.Max(start, end), token);
            done = Math.Max(done, end);
        }
        if (done < text.Length)
            yield return (done, text.Length, null);
    }

    private (int End, AddedToken? Token) LongestAt(string text, int at)
    {
        var (node, best) = (_root, (End: at, Token: (AddedToken?)null));
        for (var i = at; i < text.Length && node.Next is not null && node.Next.TryGetValue(text[i], out var next); i++)
        {
            node = next;
            if (node.Token is not null)
                best = (i + 1, node.Token);
        }
        return best;
    }

    private static bool IsWord(string text, int at)
    {
        if (char.IsLowSurrogate(text[at]) && at > 0)
            at--;
        var value = char.IsSurrogatePair(text, at) ? char.ConvertToUtf32(text, at) : text[at];
        return value is 0x200C or 0x200D || RuneSet.Word.Contains(value);   // this search counts joiners as parts of words
    }
}
