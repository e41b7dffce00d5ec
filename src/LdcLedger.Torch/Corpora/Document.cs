using System.Text;
using LdcLedger.Torch.Models;
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
        var whole = lossOn == LossOn.All || stretches.All(stretch => stretch.Answer);
        var answers = whole ? [] : Answers(stretches);
        var (inner, before) = tokenizer.Encode(text, [.. answers.SelectMany(answer => (int[])[answer.Start, answer.End])]);
        var ids = new List<int>(inner.Length + 4);
        ids.AddRange(tokenizer.Before);
        var textStart = ids.Count;
        ids.AddRange(inner);
        ids.AddRange(tokenizer.After);
        if (tokenizer.EosIds.Count > 0 && (ids.Count == 0 || !tokenizer.EosIds.Contains(ids[^1])))
            ids.Add(tokenizer.EosIds[0]);

        var scored = new bool[ids.Count];
        var bytes = whole ? Encoding.UTF8.GetByteCount(text)
            : stretches.Sum(stretch => stretch.Answer ? Encoding.UTF8.GetByteCount(stretch.Text) : 0);
        if (whole)
            scored.AsSpan(textStart).Fill(true);
        foreach (var i in Enumerable.Range(0, answers.Count))
        {
            // With the last stretch goes the end of text, which a response decides.
            var to = i == answers.Count - 1 && stretches[^1].Answer ? ids.Count - textStart : before[2 * i + 1];
            // A short answer within one token can end before it begins: no token is its own.
            if (to > before[2 * i])
                scored.AsSpan(textStart + before[2 * i], to - before[2 * i]).Fill(true);
        }
        if (textStart == 0 && scored.Length > 0 && scored[0])
        {
            scored[0] = false;   // without BOS there is nothing from which to predict it
            bytes -= Encoding.UTF8.GetByteCount(tokenizer.Decode(ids[..1]));
        }
        return new Document([.. ids], scored, Math.Max(0, bytes), record.Hash.ToArray());
    }

    /// <summary>Where in the text the answers lie, neighbouring ones together.</summary>
    private static List<(int Start, int End)> Answers(List<Stretch> stretches)
    {
        var (answers, at) = (new List<(int Start, int End)>(), 0);
        foreach (var stretch in stretches)
        {
            var end = at + stretch.Text.Length;
            if (stretch.Answer && answers.Count > 0 && answers[^1].End == at)
                answers[^1] = (answers[^1].Start, end);
            else if (stretch.Answer)
                answers.Add((at, end));
            at = end;
        }
        return answers;
    }
}
