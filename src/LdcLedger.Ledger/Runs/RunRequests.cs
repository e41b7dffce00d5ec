using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Runs;

/// <param name="IsNew">False: it was asked for before, and the run has not ended since.</param>
public sealed record Retrying(RunProgress Run, RunRetryRequested Request, bool IsNew)
{
    /// <summary>One line for the person who asked.</summary>
    public string Describe()
    {
        var run = Run.Planned;
        return $"run {run.RunId} ({RunTitle.Of(run.Model, run.Domain, run.Role, run.Seed)}) "
            + (IsNew ? "will be retried" : "is being retried already");
    }
}

/// <summary>What people, or a study that is cancelled, ask of a single run.</summary>
public sealed class RunRequests(LedgerStore store, LedgerWriter writer)
{
    /// <summary>The reason of somebody who gives none.</summary>
    public const string UsualReason = "requested by a user";

    /// <summary>The reason that a run of a cancelled study gives.</summary>
    internal static string Because(StudyCancelRequested cancel) => $"the study was cancelled: {cancel.Reason}";

    /// <summary>
    /// Asks that a run be stopped; where no living worker has it, it is cancelled at once. A run that has ended stays as it is.
    /// </summary>
    /// <returns>Whether there was anything to cancel.</returns>
    public async Task<bool> CancelAsync(Guid run, string reason, Guid? cause = null, CancellationToken cancellation = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            var seen = await store.RunAsync(run, cancellation);
            var state = seen.State ?? throw NoRun(run);
            if (state.IsEnded)
                return false;
            await using var nobody = await RunLock.TryTakeAsync(store, run, cancellation);
            List<ILedgerEvent> facts = [];
            if (state.CancelRequested is null)
                facts.Add(new RunCancelRequested(state.Planned.StudyId, run, state.Retry, reason));
            if (nobody is not null)
                facts.Add(new RunCancelled(state.Planned.StudyId, run, state.Attempt == 0 ? null : state.Attempt, state.Retry));
            if (facts.Count == 0)
                return true;
            try
            {
                await writer.AppendAsync(facts, new Dictionary<Guid, StreamHead> { [run] = seen.Head }, cause, cancellation);
                return true;
            }
            catch (LedgerConflict) when (attempt < LedgerConflict.MostTries)
            {
                // The run has moved: look again.
            }
        }
    }

    /// <summary>Asks that a run which ended without completing be tried again; a study that is at rest is adopted with it.</summary>
    /// <param name="by">Whose token asked for it; null: the command line.</param>
    /// <exception cref="RuleViolation">It completed, has not ended, or its study is cancelled.</exception>
    public async Task<Retrying> RetryAsync(Guid run, string reason, CancellationToken cancellation = default, string? by = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var seen = await store.RunAsync(run, cancellation);
            var state = seen.State ?? throw NoRun(run);
            if (!state.IsEnded && state.Retry > 0)
                return new(state, new(state.Planned.StudyId, run, state.Retry, reason), false);
            if (!state.IsEnded)
                throw new RuleViolation($"Run {run} has not ended; only a failed, cancelled or abandoned run can be retried.");
            if (state.Outcome == Outcomes.Completed)
                throw new RuleViolation($"Run {run} has completed; only a failed, cancelled or abandoned run can be retried.");
            if ((await store.StudyAsync(state.Planned.StudyId, cancellation)).State is { IsCancelled: true })
                throw new RuleViolation(
                    $"Run {run} belongs to study {state.Planned.StudyId}, which is cancelled; submit it again with --fresh.");
            var heads = new Dictionary<Guid, StreamHead> { [run] = seen.Head };
            var request = new RunRetryRequested(state.Planned.StudyId, run, state.Retry + 1, reason, by);
            List<ILedgerEvent> facts = [request];
            if (await store.AdoptionAsync(state.Planned.StudyId, "run retry", cancellation) is { Count: > 0 } adoption)
            {
                facts.AddRange(adoption);
                heads[LedgerIds.Imports] = (await writer.HeadsAsync([LedgerIds.Imports], cancellation))[LedgerIds.Imports];
            }
            try
            {
                await writer.AppendAsync(facts, heads, null, cancellation);
                return new(state, request, true);
            }
            catch (LedgerConflict) when (attempt < LedgerConflict.MostTries)
            {
                // The run has moved: look again.
            }
        }
    }

    private static RuleViolation NoRun(Guid run) => new($"There is no run {run}; ldc run list shows them.");
}
