namespace LdcLedger.Torch.Tokenizers;

/// <summary>A stretch of text on its way to the vocabulary.</summary>
/// <param name="First">Begins where the text as given began.</param>
internal readonly record struct Piece(string Text, int Start, int End, bool First)
{
    public ReadOnlySpan<char> Span => Text.AsSpan(Start, End - Start);
}

/// <summary>The <c>pre_tokenizer</c> of tokenizer.json: cuts text into the pieces in which the vocabulary is applied.</summary>
internal static class PreTokenizer
{
    private const string Known =
        "Sequence, Split, ByteLevel, Metaspace, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit and FixedLength";
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public delegate void Step(Piece piece, List<Piece> into);

    /// <summary>What a pre-tokenizer consists of.</summary>
    /// <param name="SpellBytes">Whether the pieces that the steps leave have yet to be spelled in the byte alphabet.</param>
    /// <param name="First">Where the first step makes each match of a pattern, and what lies between, a piece: that pattern.</param>
    /// <param name="Separators">Where all steps do is to cut at such texts: these. A text without them is left whole.</param>
    public sealed record Cutting(IReadOnlyList<Step> Steps, bool SpellBytes, SplitPattern? First, IReadOnlyList<string>? Separators);

    private enum Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous }

    private delegate IEnumerable<(int Start, int End)> Search(string text, int start, int end);

    public static Cutting Read(TokenizerJson? json)
    {
        var steps = new List<Step>();
        var spells = new List<int>();
        if (json is { } root)
            Read(root, steps, spells);
        var parts = json is { } all ? Parts(all).ToList() : [];
        var separators = parts.Select(part => part["type"].Text() == "Split" ? part["pattern"].Maybe("String")?.Text() : null).ToList();
        // A ByteLevel step that comes last, as nearly always, is left to the vocabulary, which does it once per distinct piece.
        var last = spells.Count == 1 && spells[0] == steps.Count;
        if (!last)
            foreach (var at in spells.AsEnumerable().Reverse())
                steps.Insert(at, (piece, into) => Add(into, piece with { Text = ByteAlphabet.Spell(piece.Span) }));
        return new(steps, last, parts.Count > 0 ? FirstPattern(parts[0]) : null,
            separators.All(separator => separator is { Length: > 0 }) ? [.. separators.Select(separator => separator!)] : null);
    }

    private static IEnumerable<TokenizerJson> Parts(TokenizerJson json) =>
        json["type"].Text() == "Sequence" ? json["pretokenizers"].Items().SelectMany(Parts) : [json];

    private static SplitPattern? FirstPattern(TokenizerJson json) => json["type"].Text() switch
    {
        "Split" when ReadBehavior(json["behavior"]) == Behavior.Isolated && !json.Flag("invert", false) => json["pattern"].Pattern(),
        "ByteLevel" when !json.Flag("add_prefix_space", true) && json.Flag("use_regex", true) => SplitPattern.Parse(Gpt2, json.Wrong),
        _ => null,
    };

    private static void Read(TokenizerJson json, List<Step> steps, List<int> spells)
    {
        switch (json["type"].Text())
        {
            case "Sequence":
                foreach (var inner in json["pretokenizers"].Items())
                    Read(inner, steps, spells);
                break;
            case "Split":
                steps.Add(Splitting(json["pattern"].Pattern().Matches, ReadBehavior(json["behavior"]), json.Flag("invert", false)));
                break;
            case "ByteLevel":
                if (json.Flag("add_prefix_space", true))
                    steps.Add((piece, into) => into.Add(piece.Span is [' ', ..] ? piece : Whole(" " + piece.Span.ToString(), piece.First)));
                if (json.Flag("use_regex", true))
                    steps.Add(Splitting(SplitPattern.Parse(Gpt2, json.Wrong).Matches, Behavior.Isolated, invert: false));
                spells.Add(steps.Count);
                break;
            case "Metaspace":
                ReadMetaspace(json, steps);
                break;
            case "Digits":
                steps.Add(Splitting(Runes(RuneSet.Numeric), json.Flag("individual_digits", false)
                    ? Behavior.Isolated : Behavior.Contiguous, invert: false));
                break;
            case "Punctuation":
                steps.Add(Splitting(Runes(RuneSet.Punctuation), json.Maybe("behavior") is { } behavior
                    ? ReadBehavior(behavior) : Behavior.Isolated, invert: false));
                break;
            case "Whitespace":
                steps.Add(Splitting(SplitPattern.Parse(@"[\w\u200C\u200D]+|[^\w\s\u200C\u200D]+", json.Wrong).Matches, Behavior.Removed,
                    invert: true));
                break;
            case "WhitespaceSplit":
                steps.Add(Splitting(Runes(RuneSet.Space), Behavior.Removed, invert: false));
                break;
            case "CharDelimiterSplit":
                steps.Add(Splitting(SplitPattern.Literal(json["delimiter"].Text()).Matches, Behavior.Removed, invert: false));
                break;
            case "FixedLength":
                var length = json.Maybe("length")?.Number() ?? 5;
                if (length == 0)
                    throw json.Wrong("has the length 0, but 1 or more is needed");
                steps.Add((piece, into) => CutEvery(length, piece, into));
                break;
            default:
                throw json.UnknownType(Known);
        }
    }

    private static void ReadMetaspace(TokenizerJson json, List<Step> steps)
    {
        var sign = json["replacement"].Text();
        var scheme = json.Maybe("prepend_scheme")?.Text() ?? (json.Flag("add_prefix_space", true) ? "always" : "never");
        if (scheme is not ("always" or "first" or "never"))
            throw json.Wrong($"has the prepend_scheme \"{scheme}\", but always, first or never is needed");
        steps.Add((piece, into) =>
        {
            var text = piece.Span.ToString().Replace(" ", sign, StringComparison.Ordinal);
            var prepend = scheme == "always" || scheme == "first" && piece.First;
            into.Add(Whole(prepend && !text.StartsWith(sign, StringComparison.Ordinal) ? sign + text : text, piece.First));
        });
        if (json.Flag("split", true))
            steps.Add(Splitting(SplitPattern.Literal(sign).Matches, Behavior.MergedWithNext, invert: false));
    }

    private static Behavior ReadBehavior(TokenizerJson json) =>
        Enum.TryParse<Behavior>(json.Text(), out var behavior) && Enum.IsDefined(behavior) ? behavior
            : throw json.Wrong($"is \"{json.Text()}\", but one of {string.Join(", ", Enum.GetNames<Behavior>())} is needed");

    private static Piece Whole(string text, bool first) => new(text, 0, text.Length, first);

    private static void Add(List<Piece> into, Piece piece) => into.Add(Whole(piece.Text, piece.First));

    private static Search Runes(RuneSet set)
    {
        IEnumerable<(int, int)> Find(string text, int start, int end)
        {
            for (var at = start; at < end;)
            {
                var width = at + 1 < end && char.IsSurrogatePair(text, at) ? 2 : 1;
                if (set.Contains(width == 2 ? char.ConvertToUtf32(text, at) : text[at]))
                    yield return (at, at + width);
                at += width;
            }
        }
        return Find;
    }

    private static void CutEvery(int length, Piece piece, List<Piece> into)
    {
        var start = piece.Start;
        var count = 0;
        for (var at = piece.Start; at < piece.End;)
        {
            at += at + 1 < piece.End && char.IsSurrogatePair(piece.Text, at) ? 2 : 1;
            if (++count < length && at < piece.End)
                continue;
            into.Add(new Piece(piece.Text, start, at, piece.First && start == piece.Start));
            (start, count) = (at, 0);
        }
    }

    private static Step Splitting(Search search, Behavior behavior, bool invert) => (piece, into) =>
    {
        var parts = new List<(int Start, int End)>();
        var wasMatch = false;
        var done = piece.Start;
        void Part(int start, int end, bool match)
        {
            match ^= invert;
            switch (behavior)
            {
                case Behavior.Removed when match:
                    break;
                case Behavior.Contiguous when match == wasMatch && parts.Count > 0:
                case Behavior.MergedWithPrevious when match && !wasMatch && parts.Count > 0:
                    parts[^1] = (parts[^1].Start, end);
                    break;
                case Behavior.MergedWithNext when !match && wasMatch && parts.Count > 0:
                    parts[^1] = (parts[^1].Start, end);
                    break;
                default:
                    parts.Add((start, end));
                    break;
            }
            wasMatch = match;
        }
        foreach (var (start, end) in search(piece.Text, piece.Start, piece.End))
        {
            if (done < start)
                Part(done, start, match: false);
            Part(start, end, match: true);
            done = end;
        }
        if (done < piece.End)
            Part(done, piece.End, match: false);
        foreach (var (start, end) in parts)
            if (start < end)
                into.Add(new Piece(piece.Text, start, end, piece.First && start == piece.Start));
    };
}
