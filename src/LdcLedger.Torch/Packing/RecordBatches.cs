using LdcLedger.Torch.Corpora;

namespace LdcLedger.Torch.Packing;

/// <summary>Records in stretches that are worth sharing out to several threads and small enough for any memory.</summary>
internal static class RecordBatches
{
    private const int MostRecords = 1024;
    private const long MostCharacters = 1 << 20;

    /// <summary>In order. While one stretch is worked on, the next one is read.</summary>
    public static IEnumerable<IReadOnlyList<CorpusRecord>> Of(IEnumerable<CorpusRecord> records)
    {
        using var source = records.GetEnumerator();
        var next = Task.Run(() => Next(source));
        try
        {
            while (next.GetAwaiter().GetResult() is { Count: > 0 } batch)
            {
                next = Task.Run(() => Next(source));
                yield return batch;
            }
        }
        finally
        {
            Task.WaitAny(next);   // nobody may end the source while it is read; what went wrong has been said
        }
    }

    private static List<CorpusRecord> Next(IEnumerator<CorpusRecord> source)
    {
        var (batch, characters) = (new List<CorpusRecord>(), 0L);
        while (batch.Count < MostRecords && characters < MostCharacters && source.MoveNext())
        {
            batch.Add(source.Current);
            characters += source.Current.Characters;
        }
        return batch;
    }
}
