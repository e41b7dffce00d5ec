using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Studies;

/// <param name="IsNew">False: the very same study was submitted before and goes on where it stopped, unless it has ended.</param>
public sealed record Submission(StudyProgress Study, bool IsNew)
{
    public Guid StudyId => Study.StudyId;

    /// <summary>It was imported and at rest until now.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>One line for the person who asked.</summary>
    public string Describe() => (IsNew, Study.IsEnded, Study.IsCancelled) switch
    {
        (true, _, _) => $"study {StudyId} submitted: {Study.Runs.Count} runs to begin with",
        (false, true, true) => $"study {StudyId} was cancelled; --fresh starts it over",
        (false, true, false) => $"study {StudyId} is complete; --fresh starts it over",
        (false, false, _) => $"study {StudyId} goes on where it stopped{(IsAdopted ? " in the ledger that it came from" : "")}: "
            + $"{Study.Runs.Values.Count(s => s is not null)} of {Study.Runs.Count} runs have ended",
    };
}

/// <summary>Takes studies into the ledger, and requests to end them.</summary>
public sealed class StudySubmission(LedgerStore store, LedgerWriter writer)
{
    /// <summary>
    /// Records the study and its first runs in one transaction: all baselines and stage 1. The same study again (same settings and same
    /// content of models and corpora, whatever its name and paths) is the study that is there.
    /// </summary>
    /// <param name="rule">The rule that the spec's stage 2 names.</param>
    /// <param name="fresh">Start anew, even though the same study is there.</param>
    /// <exception cref="RuleViolation">The rule ranks by an epoch that is never trained.</exception>
    public async Task<Submission> SubmitAsync(
        StudySpec spec, IReadOnlyList<ResolvedModel> models,
        IReadOnlyList<ResolvedDomain> domains, AggregationRule rule, bool fresh = false,
        CancellationToken cancellation = default)
    {
        StudyProgress? newest = null;
        for (var number = 0; ; number++)
        {
            var (study, runs) = StudyPlan.For(spec, models, domains, rule, number);
            if ((await store.StudyAsync(study.StudyId, cancellation)).State is { } there)
            {
                newest = there;
                continue;
            }
            // Of studies that were started anew it is the newest that goes on.
            if (newest is not null && !fresh)
                return new(newest, false) { IsAdopted = await AdoptAsync(newest, cancellation) };
            try
            {
                await writer.AppendAsync([study, .. runs], new Dictionary<Guid, StreamHead>(), null, cancellation);
                return new((await store.StudyAsync(study.StudyId, cancellation)).State!, true);
            }
            catch (LedgerConflict) when (!fresh)
            {
                number--;   // somebody submitted the very same just now: look again
            }
            catch (LedgerConflict)
            {
                // Somebody took this number just now: the next one.
            }
        }
    }

    /// <summary>Asks that a study end: nothing more of it is started, what runs is stopped.</summary>
    /// <returns>False where it has ended already.</returns>
    /// <exception cref="RuleViolation">There is no such study.</exception>
    public async Task<bool> CancelAsync(Guid study, string reason, CancellationToken cancellation = default)
    {
        var there = (await store.StudyAsync(study, cancellation)).State
            ?? throw new RuleViolation($"There is no study {study}; ldc study list shows them.");
        if (there.IsEnded)
            return false;
        if (await store.IsAtRestAsync(study, cancellation))
            throw new RuleViolation(
                $"Study {study} was imported and is at rest: nothing of it runs here, so there is nothing to cancel; "
                + "ldc study run goes on with it.");
        await writer.RecordAsync([new StudyCancelRequested(study, reason)], cancellation: cancellation);
        return true;
    }

    // Where nothing is left to do, nothing is asked for, and the study stays as it came.
    private async Task<bool> AdoptAsync(StudyProgress study, CancellationToken cancellation)
    {
        if ((study.IsEnded && (await store.RetriedAsync(study, cancellation)).Count == 0)
            || await store.AdoptionAsync(study.StudyId, "study run", cancellation) is not { } adopted)
            return false;
        await writer.RecordAsync([adopted], cancellation: cancellation);
        return true;
    }
}
