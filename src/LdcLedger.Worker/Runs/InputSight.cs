using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Worker.Runs;

/// <summary>Whether this machine has what a run is computed from. Only that it is there: its hash is proved when it is loaded.</summary>
public sealed class InputSight(LedgerStore ledger)
{
    /// <summary>What the last run lacked here, for operators; null when it lacked nothing.</summary>
    public string? LastMissing { get; private set; }

    /// <returns>A sentence that names the model or corpus that is not there; null where all is.</returns>
    public async Task<string?> MissingAsync(TrainRun message, CancellationToken cancellation)
    {
        var run = (await ledger.RunAsync(message.RunId, cancellation)).State?.Planned;
        var study = (await ledger.StudyAsync(message.StudyId, cancellation)).State?.Submitted;
        if (run is null || study is null)
            return null;   // the claim says so better
        var model = study.Models.First(m => m.Name == run.Model);
        var domain = study.Domains.First(d => d.Name == run.Domain);
        return LastMissing =
            !Directory.Exists(model.Path) ? $"model {model.Name} is not at {model.Path} on {Environment.MachineName}"
            : !Path.Exists(domain.Path) ? $"domain {domain.Name} is not at {domain.Path} on {Environment.MachineName}"
            : null;
    }
}
