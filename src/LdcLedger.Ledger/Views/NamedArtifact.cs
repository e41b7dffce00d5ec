using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Views;

/// <summary>A file that a run's event names by its SHA-256.</summary>
public sealed record NamedArtifact(LedgerEvent Event, string FileName, string ContentType)
{
    private const string Safetensors = "application/octet-stream";

    /// <summary>Null where no event up to a place in the whole ledger names it.</summary>
    internal static async Task<NamedArtifact?> FindAsync(LedgerStore store, string sha256, long upTo, CancellationToken cancellation)
    {
        // Runs know the names of their files, and there are far fewer runs than events.
        foreach (var run in await store.DocumentsAsync<RunSummary>(
            "where $1 in (data ->> 'adapterWeightsSha256', data ->> 'adapterConfigSha256', data ->> 'projectionsSha256') limit 1",
            [sha256], cancellation))
        {
            await using var connection = await store.DataSource.OpenConnectionAsync(cancellation);
            await foreach (var e in LedgerEvents.ReadAsync(
                connection, store.Tables, "stream_id = $1 and seq_id <= $2", [run.Id, upTo], cancellation))
                if (Of(e, sha256) is { } named)
                    return named;
        }
        return null;
    }

    private static NamedArtifact? Of(LedgerEvent e, string sha256) => e.Fact switch
    {
        AdapterSaved saved when saved.WeightsSha256 == sha256 => new(e, "adapter_model.safetensors", Safetensors),
        AdapterSaved saved when saved.ConfigSha256 == sha256 => new(e, "adapter_config.json", "application/json"),
        ProjectionsSaved saved when saved.Sha256 == sha256 => new(e, "projections.safetensors", Safetensors),
        _ => null,
    };
}
