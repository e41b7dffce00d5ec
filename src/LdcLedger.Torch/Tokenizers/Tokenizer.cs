using System.Security.Cryptography;
using System.Text;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// A byte-pair tokenizer as Hugging Face's <c>tokenizer.json</c> describes it; the ids are those of the reference library. Reads the
/// components that the Llama 3 and Gemma 3 families use, and refuses others by name. Immutable after loading; may be used by several
/// threads.
/// </summary>
public sealed class Tokenizer
{
    private readonly Func<string, string>? _normalize;
    private readonly IReadOnlyList<PreTokenizer.Step> _steps;
    private readonly BytePairModel _model;
    private readonly Func<IReadOnlyList<string>, IReadOnlyList<string>>? _decode;
    private readonly SequenceTemplate _template;
    private readonly Dictionary<string, AddedToken> _added = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _addedById = [];
    private readonly Dictionary<int, string> _spellings = [];
    private readonly HashSet<string> _special = new(StringComparer.Ordinal);
    private readonly AddedTokenSearch _inText, _inNormalized;
    private readonly Lazy<StatedTemplate?> _chat;
    private int _largestAdded = -1;

    private Tokenizer(TokenizerFiles files)
    {
        var json = files.Tokenizer;
        _normalize = json.Maybe("normalizer") is { } normalizer ? Normalizer.Read(normalizer) : null;
        (_steps, var spellBytes) = PreTokenizer.Read(json.Maybe("pre_tokenizer"));
        _model = new BytePairModel(json["model"], spellBytes);
        _decode = json.Maybe("decoder") is { } decoder ? Decoder.Read(decoder) : null;
        foreach (var token in json.Maybe("added_tokens")?.Items() ?? [])
            Add(TokenizerFiles.ReadToken(token));
        foreach (var token in files.NamedTokens)   // transformers makes every named token a special one
            Add(_added.TryGetValue(token.Content, out var known) ? known with { Special = true } : token);
        _inText = new AddedTokenSearch(_addedById.Values.Where(t => !t.Normalized).Select(t => (t.Content, t)), files.SplitSpecialTokens);
        _inNormalized = new AddedTokenSearch(_addedById.Values.Where(t => t.Normalized).Select(t => (SpellingOf(t), t)),
            files.SplitSpecialTokens);
        _template = files.Retemplate(SequenceTemplate.Read(json.Maybe("post_processor")), IdOf);
        (BosToken, EosToken) = (files.BosToken, files.EosToken);
        BosId = files.BosToken is { } bos && IdOf(bos) is { } bosId ? bosId : files.BosIds.Count > 0 ? files.BosIds[0] : null;
        var eos = files.EosToken is { } eosToken ? IdOf(eosToken) : null;
        EosIds = [.. (eos is { } first ? [first] : Array.Empty<int>()).Concat(files.EosIds).Distinct()];
        ModelVocabularySize = _model.LargestId + 1;
        Hash = files.Hash([.. EosIds]);
        _chat = new Lazy<StatedTemplate?>(files.ReadChatTemplate);
    }

    /// <param name="path">A model directory with <c>tokenizer.json</c>, or that file; <c>tokenizer_config.json</c>,
    /// <c>generation_config.json</c> and <c>config.json</c> beside it are read where they are there.</param>
    /// <exception cref="InvalidInputException">Nothing is there, it is not valid JSON, or it has a component that is not
    /// supported.</exception>
    public static Tokenizer Load(string path) => new(TokenizerFiles.Read(path));

    /// <summary>
    /// Largest id + 1, added tokens left out: those may lie past what the base knows, as the image token of Gemma 3 1B does; a text that
    /// holds one is refused when it is met.
    /// </summary>
    public int ModelVocabularySize { get; }

    /// <summary>
    /// The token that begins a text, where the model names one; whether texts get it is the template's matter (<see cref="Before"/>).
    /// </summary>
    public int? BosId { get; }

    /// <summary>
    /// Ids that end a text: first the tokenizer's own eos_token, then what generation_config.json and config.json add. May be empty.
    /// </summary>
    public IReadOnlyList<int> EosIds { get; }

    /// <summary>Ids that the template puts in front of a text.</summary>
    public IReadOnlyList<int> Before => _template.Before;

    /// <summary>Ids that the template puts behind a text.</summary>
    public IReadOnlyList<int> After => _template.After;

    /// <summary>SHA-256 (lower-case hex) over the files and ids that decide how text becomes ids.</summary>
    public string Hash { get; }

    /// <summary>The chat template that the model's files state; null where none does. Read when it is first asked for.</summary>
    /// <exception cref="InvalidInputException">Its file cannot be read, or several are stated and none is the default.</exception>
    public StatedTemplate? ChatTemplate => _chat.Value;

    /// <summary>As <see cref="Hash"/>, with the chat template: that differs where the template has a file of its own.</summary>
    public string HashWithChatTemplate => ChatTemplate?.OwnFile is null ? Hash
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Hash}\nchat template {ChatTemplate.Hash}\n")));

    /// <summary>Whether the token stands for more than the letters that it is written with.</summary>
    public bool IsSpecial(int id) => _addedById.ContainsKey(id);

    /// <summary>Tokens that tokenizer_config.json or special_tokens_map.json name for the beginning and the end of a text.</summary>
    public string? BosToken { get; }

    public string? EosToken { get; }

    public int? IdOf(string token) => _added.TryGetValue(token, out var added) ? added.Id : _model.IdOf(token);

    public string? TokenOf(int id) => _addedById.TryGetValue(id, out var added) ? added.Content : _model.TokenOf(id);

    /// <summary>The ids of <paramref name="text"/>. Half a surrogate pair counts as U+FFFD.</summary>
    /// <param name="addSpecial">With what the template puts around the text.</param>
    public int[] Encode(string text, bool addSpecial = true)
    {
        var ids = new List<int>(text.Length / 3 + 8);
        if (addSpecial)
            ids.AddRange(_template.Before);
        text = WellFormed(text);
        foreach (var (start, end, token) in _inText.Cut(text))
        {
            if (token is not null)
                ids.Add(token.Id);
            else
                EncodeBetween(text[start..end], first: start == 0, ids);
        }
        if (addSpecial)
            ids.AddRange(_template.After);
        return [.. ids];
    }

    private void EncodeBetween(string text, bool first, List<int> ids)
    {
        if (_normalize is not null)
            text = _normalize(text);
        foreach (var (start, end, token) in _inNormalized.Cut(text))
        {
            if (token is not null)
            {
                ids.Add(token.Id);
                continue;
            }
            List<Piece> pieces = [new Piece(text, start, end, first && start == 0)];
            foreach (var step in _steps)
            {
                var cut = new List<Piece>(pieces.Count * 2);
                foreach (var piece in pieces)
                    step(piece, cut);
                pieces = cut;
            }
            foreach (var piece in pieces)
                _model.Encode(piece.Span, ids);
        }
    }

    /// <summary>The text of <paramref name="ids"/>; ids outside the vocabulary are left out.</summary>
    public string Decode(IEnumerable<int> ids, bool skipSpecial = false)
    {
        var tokens = new List<string>();
        foreach (var id in ids)
        {
            var token = _addedById.TryGetValue(id, out var added) ? SpellingOf(added) : _model.TokenOf(id);
            if (token is not null && !(skipSpecial && _special.Contains(token)))
                tokens.Add(token);
        }
        return _decode is null ? string.Join(' ', tokens) : string.Concat(_decode(tokens));
    }

    /// <summary>
    /// The id is the vocabulary's where it has the token, else the next free one: the file's own number is not asked, as in the reference
    /// library.
    /// </summary>
    private void Add(AddedToken token)
    {
        if (token.Content.Length == 0)
            return;
        var id = IdOf(token.Content) ?? Math.Max(_model.Size, _largestAdded + 1);
        _largestAdded = Math.Max(_largestAdded, id);
        token = token with { Id = id };
        _added[token.Content] = _addedById[id] = token;
        if (token.Normalized && _normalize is not null)
            _spellings[id] = _normalize(token.Content);
        if (token.Special)
            _special.Add(token.Content);
    }

    private string SpellingOf(AddedToken token) =>
        token.Normalized && _spellings.TryGetValue(token.Id, out var spelling) ? spelling : token.Content;

    private static string WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else
                return string.Concat(text.EnumerateRunes());   // the enumeration puts U+FFFD in
        }
        return text;
    }
}
