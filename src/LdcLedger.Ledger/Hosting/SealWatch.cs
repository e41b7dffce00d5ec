using LdcLedger.Ledger.Settings;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Trees;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LdcLedger.Ledger.Hosting;

/// <summary>
/// Seals the ledger when a study has completed, in the process that leads: beside everything else, so that nobody waits for it. What was
/// missed while no process led is made up for by the next.
/// </summary>
internal sealed class SealWatch(Sealing sealing, ILogger log)
{
    private volatile bool _isWanted;
    private Task _sealing = Task.CompletedTask;

    /// <summary>A study has completed.</summary>
    public void Want() => _isWanted = true;

    /// <summary>Looks whether one has while nobody led.</summary>
    public async Task BeginAsync(CancellationToken cancellation) => _isWanted = await sealing.IsDueAsync(cancellation);

    /// <summary>Begins to seal where that is wanted, and returns at once.</summary>
    public void Look(CancellationToken cancellation)
    {
        if (!_isWanted || !_sealing.IsCompleted)
            return;
        _isWanted = false;
        _sealing = Task.Run(() => SealAsync(cancellation), cancellation);
    }

    /// <summary>Waits for a seal that is being made.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _sealing;
        }
        catch (OperationCanceledException)
        {
            // It was stopped with its process, and left nothing.
        }
    }

    private async Task SealAsync(CancellationToken cancellation)
    {
        try
        {
            var seal = await sealing.SealAsync(cancellation);
            if (seal.MadeKey is { } made)
                log.LogWarning("{Made}", made);
            log.LogInformation("sealed: {Position} events under root {Root}", seal.Fact.Position, seal.Fact.Root);
        }
        catch (Exception cause) when (cause is NpgsqlException or TimeoutException or LedgerUnavailable)
        {
            _isWanted = true;   // the ledger is away: again when it is back
            log.LogInformation("the ledger could not be sealed just now: {Reason}", cause.Message);
        }
        catch (Exception cause) when (cause is SealRefused or BrokenTree or SettingRefused)
        {
            log.LogWarning("{Reason}", cause.Message);
        }
    }
}
