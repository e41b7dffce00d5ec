using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Models;

/// <summary>Whether a tokenizer is the model's own, as far as the two can contradict each other.</summary>
public static class TokenizerFit
{
    /// <summary>Why it is not, each a sentence without its full stop; empty where nothing speaks against it.</summary>
    /// <param name="directory">Where both lie.</param>
    public static IEnumerable<string> Objections(ModelConfig config, Tokenizer tokenizer, string directory)
    {
        var file = Path.Combine(directory, "tokenizer.json");
        if (tokenizer.ModelVocabularySize > config.Vocab)
        {
            yield return $"{file} has {tokenizer.ModelVocabularySize} tokens, but config.json beside it a vocabulary of {config.Vocab}";
            yield break;
        }
        foreach (var (name, id) in Added(tokenizer))
            if (id >= config.Vocab)
            {
                yield return $"{name} of every text is token {id}, but config.json beside {file} has a vocabulary of {config.Vocab}";
                yield break;
            }
        // One of them alone may be a trace of tuning that config.json was not told of; where all that can be compared differs, it is not.
        var compared = ((string? Token, string Name, IReadOnlyList<int> Ids)[])
            [(tokenizer.BosToken, "bos", config.BosToken is { } one ? [one] : []), (tokenizer.EosToken, "eos", config.EosTokens)];
        var objections = compared.Where(c => c.Token is not null && c.Ids.Count > 0 && tokenizer.IdOf(c.Token) is not null)
            .Select(c => c.Ids.Contains(tokenizer.IdOf(c.Token!)!.Value) || c.Ids.Any(tokenizer.IsSpecial) ? null
                : $"its {c.Name} token is {c.Token} ({tokenizer.IdOf(c.Token!)}), but config.json has {c.Name}_token_id "
                    + $"{string.Join(", ", c.Ids)}, which is {Quoted(tokenizer.TokenOf(c.Ids[0]))} there").ToList();
        if (objections.Count > 0 && !objections.Contains(null))
            yield return $"{file} is another model's: {string.Join(", and ", objections)}; if it is this model's, correct config.json";
    }

    private static IEnumerable<(string Name, int Id)> Added(Tokenizer tokenizer) =>
    [
        .. tokenizer.Before.Select(id => ("The beginning", id)), .. tokenizer.After.Select(id => ("The end", id)),
        .. tokenizer.EosIds.Take(1).Select(id => ("The end", id)),
    ];

    private static string Quoted(string? token) => token is null ? "no token" : $"\"{token}\"";
}
