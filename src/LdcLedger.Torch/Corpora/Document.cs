using System.Text;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Corpora;

/// <summary>Which tokens of a record with a prompt are learned and measured.</summary>
public enum LossOn
{
    /// <summary>Those of responses, with the end of the text; of plain text every one.</summary>
    Response,

    /// <summary>Every one.</summary>
    All,
}

/// <summary>A record as tokens: what the tokenizer's template puts in front (BOS), the text, and the end of text.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Scored">Whether a token is to be predicted from those before it; never the first.</param>
/// <param name="ScoredBytes">UTF-8 bytes of the scored text; special tokens around it have none.</param>
/// <param name="Hash">SHA-256 of the record's normalised content: its place in every stable order.</param>
public sealed record Document(int[] Ids, bool[] Scored, int ScoredBytes, byte[] Hash)
{
    public static Document From(CorpusRecord record, DocumentTemplate template, Tokenizer tokenizer, LossOn lossOn)
    {
        var stretches = template.Render(record).ToList();
        var text = string.Concat(stretches.Select(stretch => stretch.Text));
        var inner = tokenizer.Encode(text, addSpecial: false);
        var ids = new List<int>(inner.Length + 4);
        ids.AddRange(tokenizer.Before);
        var textStart = ids.Count;
        ids.AddRange(inner);
        ids.AddRange(tokenizer.After);
        if (tokenizer.EosIds.Count > 0 && (ids.Count == 0 || !tokenizer.EosIds.Contains(ids[^1])))
            ids.Add(tokenizer.EosIds[0]);

        var scored = new bool[ids.Count];
        var bytes = 0;
        if (lossOn == LossOn.All || stretches.All(stretch => stretch.Answer))
        {
            scored.AsSpan(textStart).Fill(true);
            bytes = Encoding.UTF8.GetByteCount(text);
        }
        else
        {
            var (at, from) = (0, -1);
            foreach (var stretch in stretches)
            {
                if (stretch.Answer && from < 0)
                    from = TokensBefore(text, at, inner, tokenizer);
                if (!stretch.Answer && from >= 0)
                {
                    scored.AsSpan(textStart + from, TokensBefore(text, at, inner, tokenizer) - from).Fill(true);
                    from = -1;
                }
                at += stretch.Text.Length;
                bytes += stretch.Answer ? Encoding.UTF8.GetByteCount(stretch.Text) : 0;
            }
            if (from >= 0)
                scored.AsSpan(textStart + from).Fill(true);   // with the end of text, which the response decides
        }
        if (textStart == 0 && scored.Length > 0 && scored[0])
        {
            scored[0] = false;   // without BOS there is nothing from which to predict it
            bytes -= Encoding.UTF8.GetByteCount(tokenizer.Decode(ids[..1]));
        }
        return new Document([.. ids], scored, Math.Max(0, bytes), record.Hash.ToArray());
    }

    /// <summary>
    /// Tokens of the whole text that lie before a place in it: those that its beginning alone has, too. One that straddles the place counts
    /// behind it.
    /// </summary>
    private static int TokensBefore(string text, int place, int[] whole, Tokenizer tokenizer) =>
        place == 0 ? 0 : tokenizer.Encode(text[..place], addSpecial: false).AsSpan().CommonPrefixLength(whole);
}
