using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Corpora;

/// <summary>
/// Looks in the records of a corpus for tokens that a model has no embedding for: added ones with an id past its vocabulary, like the image
/// token of a text-only Gemma 3. A text that holds none of them costs one search.
/// </summary>
public sealed class UnknownTokens
{
    private const int MostNamed = 10;

    private readonly string _model;
    private readonly Tokenizer _tokenizer;
    private readonly DocumentTemplate _template;
    private readonly int _vocabulary;
    private readonly IReadOnlyList<string> _signs;
    private readonly bool _everywhere;
    private readonly List<string> _first = [];
    private long _tokens;
    private int _records;

    /// <param name="model">As messages call it.</param>
    /// <param name="vocabulary">Embeddings that it has.</param>
    public UnknownTokens(string model, Tokenizer tokenizer, DocumentTemplate template, int vocabulary)
    {
        (_model, _tokenizer, _template, _vocabulary) = (model, tokenizer, template, vocabulary);
        var tokens = tokenizer.AddedFrom(vocabulary);
        _signs = [.. tokens.Select(token => token.Content)];
        _everywhere = tokens.Any(token => !token.AsWritten)
            || tokenizer.Before.Concat(tokenizer.After).Concat(tokenizer.EosIds.Take(1)).Any(id => id >= vocabulary);
    }

    /// <summary>Looks at one record.</summary>
    public void Look(CorpusRecord record)
    {
        if (!_everywhere && !_template.Render(record).Any(stretch => _signs.Any(stretch.Text.Contains)))
            return;
        var unknown = Document.From(record, _template, _tokenizer, LossOn.All).Ids.Where(id => id >= _vocabulary).ToList();
        if (unknown.Count == 0)
            return;
        _tokens += unknown.Count;
        if (++_records <= MostNamed)
            _first.Add($"{string.Join(", ", unknown.Distinct().Select(id => $"{_tokenizer.TokenOf(id)} (id {id})"))} in {record.Place}");
    }

    /// <summary>What was found, as a sentence; null where nothing was.</summary>
    public string? Sentence => _records == 0 ? null
        : $"{_tokens} {(_tokens == 1 ? "token" : "tokens")} in {_records} {(_records == 1 ? "record" : "records")} "
            + $"{(_tokens == 1 ? "has" : "have")} no embedding in model {_model}, which has {_vocabulary}: {string.Join("; ", _first)}"
            + (_records > MostNamed ? $"; and {_records - MostNamed} more records" : "");
}
