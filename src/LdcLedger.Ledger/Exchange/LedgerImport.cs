using LdcLedger.Domain;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Exchange;

/// <summary>A study that a file brought.</summary>
/// <param name="Position">Number of its events, here as in the file.</param>
/// <param name="IsNew">False: it was in the ledger already, with these very events.</param>
/// <param name="IsChainOurs">Whether its hash chain was made here.</param>
/// <param name="Backward">How many events are earlier than the one before them: the order of lines counts, whatever clocks said.</param>
public sealed record ImportedPart(Guid Study, string Name, long Position, string Root, bool IsNew, bool IsChainOurs, long Backward);

/// <summary>Reads studies from a file into the ledger, where they rest until somebody asks for them. All of the file or nothing.</summary>
public sealed class LedgerImport(LedgerStore store, TimeProvider time)
{
    /// <param name="file">JSON lines; read once, from where it stands to its end.</param>
    /// <param name="name">What the file is called in messages.</param>
    /// <param name="unchained">
    /// Whether it was written by hand or by script: version, id, causation, chain and first lines may be absent.
    /// </param>
    /// <exception cref="RuleViolation">
    /// A line is not what it should be, the file is not whole, or a study or a run is in the ledger with other events. Nothing was
    /// imported.
    /// </exception>
    public async Task<IReadOnlyList<ImportedPart>> ReadAsync(
        Stream file, string name, bool unchained = false, CancellationToken cancellation = default)
    {
        await using var stage = await ImportStage.OpenAsync(store, time, cancellation);
        var read = await StudyFile.ReadAsync(
            file, name, unchained, (part, study, fact) => stage.AddAsync(part, study, fact, cancellation), cancellation);
        var fresh = await stage.CommitAsync(read, cancellation);
        return [.. read.Select(p => new ImportedPart(
            p.Study, p.Name, p.Position, p.Root, fresh.Contains(p.Number), p.IsChainOurs, p.Backward))];
    }
}
