using LdcLedger.Domain;
using LdcLedger.Ledger.Runs;

namespace LdcLedger.Worker.Journal;

/// <summary>
/// Brings what an earlier process left in journals into the ledger: a worker does so before it takes its first run. Journals of attempts
/// that were superseded, or whose run has ended, are discarded by their name; a journal that another process has open is left to it.
/// </summary>
public sealed class JournalReplay(RunClaims claims, JournalFolder journals, Action<string> say)
{
    /// <returns>Transactions that were recorded.</returns>
    public async Task<int> ReplayAsync(CancellationToken cancellation = default)
    {
        var recorded = 0;
        foreach (var (run, attempt) in journals.Left())
        {
            JournalFile journal;
            try
            {
                journal = journals.Open(run, attempt);
            }
            catch (IOException)
            {
                continue;   // its process lives
            }
            using (journal)
                recorded += await ReplayAsync(run, attempt, journal.Records, cancellation);
            journals.Discard(run, attempt);
        }
        return recorded;
    }

    private async Task<int> ReplayAsync(Guid run, int attempt, IReadOnlyList<byte[]> records, CancellationToken cancellation)
    {
        await using var lease = await claims.ResumeAsync(run, attempt, cancellation);
        if (lease is null)
        {
            say($"journal of run {run}, attempt {attempt}: a newer attempt has the run or it has ended; "
                + $"{Plural.Of(records.Count, "transaction")} discarded");
            return 0;
        }
        var recorded = 0;
        foreach (var record in records)
        {
            if (await lease.RecordAsync(JournalledFacts.Read(record), cancellation) is LeaseState.Lost && recorded < records.Count - 1)
                break;
            recorded++;
        }
        say($"journal of run {run}, attempt {attempt}: {Plural.Of(recorded, "transaction")} recorded");
        await lease.ReleaseAsync("its worker ended while the ledger was away", cancellation);
        return recorded;
    }
}
