using System.Globalization;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>Studies, newest first, a part after the other; each begins after the last study of the one before.</summary>
internal static class ListedStudies
{
    public static string[] KeyOf(StudySummary study) =>
        [study.SubmittedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), study.Id.ToString("D")];

    public static Task<IReadOnlyList<StudySummary>> ListAsync(
        LedgerStore store, string[]? after, int limit, CancellationToken cancellation)
    {
        var time = store.Tables.Time("submittedAt");
        var (where, values) = after is null ? ("", new List<object>()) : (
            $"where {time} <= $1 and ({time} < $1 or id > $2)",
            new List<object>
            {
                DateTimeOffset.Parse(after[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime(),
                Guid.Parse(after[1]),
            });
        values.Add(limit);
        return store.DocumentsAsync<StudySummary>(
            $"{where} order by {time} desc, id limit ${values.Count}", [.. values], cancellation);
    }
}
