using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Some rows on their way through a model, always the same number of them: where fewer are left, empty ones without scored tokens fill up.
/// </summary>
internal sealed class TokenBatch : Batch
{
    private TokenBatch(int tokens) : base(tokens) { }

    /// <summary>The rows taken, as numbered in their data.</summary>
    public int[] Rows { get; private init; } = [];

    /// <summary>Tokens of the same micro-batch before these: dropout depends on a token's place in it.</summary>
    public int FirstToken { get; private init; }

    public static TokenBatch Of(ITokenRows data, ReadOnlySpan<int> rows, int size, int firstToken = 0)
    {
        var batch = new TokenBatch(size * data.Length) { Rows = rows.ToArray(), FirstToken = firstToken };
        List<Document> documents = [];
        List<int> scored = [], targets = [];
        var labels = new int[data.Length];
        for (var r = 0; r < rows.Length; r++)
        {
            int to = r * data.Length, start = 0;
            var positions = batch.Positions.AsSpan(to, data.Length);
            data.Read(rows[r], batch.Ids.AsSpan(to, data.Length), labels, positions);
            for (var t = 0; t < data.Length; t++)
            {
                // As transformers finds packed sequences: wherever positions do not simply go on.
                if (t > start && positions[t] != positions[t - 1] + 1)
                {
                    documents.Add(new Document(to + start, t - start));
                    start = t;
                }
                if (t + 1 >= data.Length || labels[t + 1] == PackedRows.NotScored) continue;
                scored.Add(to + t);
                targets.Add(labels[t + 1]);
            }
            documents.Add(new Document(to + start, data.Length - start));
        }
        for (var empty = rows.Length; empty < size; empty++) documents.Add(new Document(empty * data.Length, data.Length));
        (batch.Documents, batch.Scored, batch.Targets) = ([.. documents], [.. scored], [.. targets]);
        return batch;
    }

    /// <summary>Scored tokens of some rows.</summary>
    public static int ScoredTokens(ITokenRows data, ReadOnlySpan<int> rows)
    {
        var count = 0;
        var (ids, labels, positions) = (new int[data.Length], new int[data.Length], new int[data.Length]);
        foreach (var row in rows)
        {
            data.Read(row, ids, labels, positions);
            for (var t = 1; t < data.Length; t++)
                if (labels[t] != PackedRows.NotScored) count++;
        }
        return count;
    }
}
