using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Leases;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Studies;

/// <param name="IsNew">False: the very same study was submitted before and goes on where it stopped, unless it has ended.</param>
/// <param name="FormerName">What it was called until now, where it was asked for under another name; else null.</param>
public sealed record Submission(StudyProgress Study, bool IsNew, string? FormerName = null)
{
    public Guid StudyId => Study.StudyId;

    /// <summary>It was imported and at rest until now.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>One line for the person who asked.</summary>
    public string Describe() => Standing() + (FormerName is null ? "" : $"; it was called {FormerName}, and is called {Study.Name} now");

    private string Standing() => (IsNew, Study.IsEnded, Study.IsCancelled) switch
    {
        (true, _, _) => $"study {StudyId} submitted: {Plural.Of(Study.Runs.Count, "run")} to begin with",
        (false, true, true) => $"study {StudyId} was cancelled; --fresh starts it over",
        (false, true, false) => $"study {StudyId} is complete; --fresh starts it over",
        (false, false, _) => $"study {StudyId} goes on where it stopped{(IsAdopted ? " in the ledger that it came from" : "")}: "
            + $"{Study.Runs.Values.Count(s => s is not null)} of {Plural.Of(Study.Runs.Count, "run")} have ended",
    };
}

/// <param name="IsNew">False: a rule that says the same ranks its layers already.</param>
/// <param name="Planned">Runs that were planned now.</param>
/// <param name="Shared">Runs that the rule asks for as well and that were planned before; with <paramref name="Planned"/> those of every
/// cell that could be decided now.</param>
public sealed record Extension(StudyProgress Study, AggregationRule Rule, bool IsNew, int Planned, int Shared)
{
    /// <summary>One line for the person who asked.</summary>
    public string Describe()
    {
        var cells = Study.Submitted.Models.Count * Study.Submitted.Domains.Count;
        var later = cells - Study.Stage2.Count(p => p.ByExtension && p.Rule == Rule);
        return !IsNew ? $"study {Study.StudyId} is ranked by what rule {Rule.Reference} says already; nothing was added"
            : $"study {Study.StudyId} is extended by rule {Rule.Reference}: {Planned} new runs, {Shared} that are there already"
                + (later > 0 ? $"; {later} of {cells} models x domains follow when their stage 1 is done" : "");
    }
}

/// <param name="Study">As it stood when it was asked for.</param>
/// <param name="Request">Null: it has ended without anybody asking.</param>
/// <param name="IsNew">False: it was asked for before.</param>
public sealed record Cancelling(StudyProgress Study, StudyCancelRequested? Request, bool IsNew)
{
    /// <summary>One line for the person who asked.</summary>
    public string Describe() => Study.IsEnded ? $"study {Study.StudyId} has ended already"
        : $"study {Study.StudyId} is being cancelled with {Plural.Of(Study.Runs.Values.Count(settled => settled is null), "open run")}";
}

/// <summary>Takes studies into the ledger, and requests to extend or end them.</summary>
public sealed class StudySubmission(LedgerStore store, LedgerWriter writer)
{
    /// <summary>
    /// Records the study and its first runs in one transaction: all baselines and stage 1. The same study again (same settings and same
    /// content of models and corpora, whatever its name and paths) is the study that is there; under another name it is called so from now
    /// on.
    /// </summary>
    /// <param name="rule">The rule that the spec's stage 2 names.</param>
    /// <param name="fresh">Start anew, even though the same study is there.</param>
    /// <param name="by">Whose token asked for it; null: the command line.</param>
    /// <exception cref="RuleViolation">The rule ranks by an epoch that is never trained.</exception>
    public Task<Submission> SubmitAsync(
        StudySpec spec, IReadOnlyList<ResolvedModel> models,
        IReadOnlyList<ResolvedDomain> domains, AggregationRule rule, bool fresh = false,
        CancellationToken cancellation = default, string? by = null) =>
        SubmitAsync(spec, models, domains, rule, fresh, by, _ => Task.CompletedTask, cancellation);

    /// <summary>
    /// As <c>SubmitAsync</c>, for a process that will see the study to its end: the sign of it is given before anything is recorded, so
    /// that nobody ever finds the study alone.
    /// </summary>
    /// <returns>The sign is the caller's to dispose of.</returns>
    public async Task<(Submission Submission, DriverSign Sign)> SubmitAndDriveAsync(
        StudySpec spec, IReadOnlyList<ResolvedModel> models, IReadOnlyList<ResolvedDomain> domains, AggregationRule rule, bool fresh,
        TimeProvider time, CancellationToken cancellation = default)
    {
        DriverSign? sign = null;
        try
        {
            var submission = await SubmitAsync(spec, models, domains, rule, fresh, null, GiveAsync, cancellation);
            return (submission, sign!);
        }
        catch
        {
            if (sign is not null)
                await sign.DisposeAsync();
            throw;
        }

        async Task GiveAsync(Guid study)
        {
            if (sign is not null)   // somebody else took the number that this one was to have
                await sign.DisposeAsync();
            sign = await DriverSign.GivenAsync(store, study, time, cancellation);
        }
    }

    private async Task<Submission> SubmitAsync(
        StudySpec spec, IReadOnlyList<ResolvedModel> models, IReadOnlyList<ResolvedDomain> domains, AggregationRule rule, bool fresh,
        string? by, Func<Guid, Task> beforehand, CancellationToken cancellation)
    {
        StreamState<StudyProgress>? newest = null;
        var conflicts = 0;
        for (var number = 0; ; number++)
        {
            var (study, runs) = StudyPlan.For(spec, models, domains, rule, number);
            if (await store.StudyAsync(study.StudyId, cancellation) is { State: not null } there)
            {
                newest = there;
                continue;
            }
            try
            {
                // Of studies that were started anew it is the newest that goes on.
                if (newest is { State: { } known } && !fresh)
                {
                    await beforehand(known.StudyId);
                    var isAdopted = await AdoptAsync(known, "study run", cancellation);
                    return await CalledAsync(known, newest.Head, spec.Name, cancellation) with { IsAdopted = isAdopted };
                }
                await beforehand(study.StudyId);
                await writer.AppendAsync([study with { By = by }, .. runs], new Dictionary<Guid, StreamHead>(), null, cancellation);
                return new((await store.StudyAsync(study.StudyId, cancellation)).State!, true);
            }
            catch (LedgerConflict) when (++conflicts < LedgerConflict.MostTries)
            {
                // Somebody submitted or renamed the very same just now: look again. One that is to be started anew takes the next number.
                if (!fresh)
                    (newest, number) = (null, -1);
            }
        }
    }

    private async Task<Submission> CalledAsync(StudyProgress study, StreamHead head, string name, CancellationToken cancellation)
    {
        // What is at rest stays as it came, its names too.
        if (study.Name == name || await store.IsAtRestAsync(study.StudyId, cancellation))
            return new(study, false);
        await writer.AppendAsync(
            [new StudyNamed(study.StudyId, study.Names.Count, name)], new Dictionary<Guid, StreamHead> { [study.StudyId] = head }, null,
            cancellation);
        return new((await store.StudyAsync(study.StudyId, cancellation)).State!, false, study.Name);
    }

    /// <summary>What would refuse an extension, said before anything is recorded.</summary>
    /// <exception cref="RuleViolation">There is no such study, or it cannot be extended by that rule.</exception>
    public async Task CheckExtensionAsync(Guid study, AggregationRule rule, CancellationToken cancellation = default)
    {
        var there = (await store.StudyAsync(study, cancellation)).State ?? throw NoStudy(study);
        if (!StudyExtension.Has(there, rule))
            StudyExtension.Asked(there, rule);
    }

    /// <summary>
    /// Extends a study by a rule, in one transaction with what follows now: stage 2 under the rule where the norms are there, and only the
    /// runs that are not planned yet. The rest is the saga's, when the norms are there. A study that is at rest is adopted with it.
    /// </summary>
    /// <param name="by">Whose token asked for it; null: the command line.</param>
    /// <exception cref="RuleViolation">There is no such study, it cannot be extended, or a run lacks what the rule asks for.</exception>
    /// <exception cref="LedgerConflict">Others kept appending to it.</exception>
    public async Task<Extension> ExtendAsync(
        Guid study, AggregationRule rule, CancellationToken cancellation = default, string? by = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var seen = await store.StudyAsync(study, cancellation);
            var there = seen.State ?? throw NoStudy(study);
            if (StudyExtension.Has(there, rule))
            {
                // It may have come with the rule and with runs that are still to be trained.
                await AdoptAsync(there, "study extend", cancellation);
                return new(there, rule, false, 0, 0);
            }
            var asked = StudyExtension.Asked(there, rule);
            var norms = new Dictionary<Guid, RunNorms>();
            foreach (var run in Stage2Decision.Ready(asked).SelectMany(cell => cell.AllRuns))
                if (await store.NormsAsync(run, cancellation) is { } measured)
                    norms[run] = measured;
            var extension = StudyExtension.Of(asked, norms);
            var heads = new Dictionary<Guid, StreamHead> { [study] = seen.Head };
            List<ILedgerEvent> facts = [.. extension.FactsBy(by)];
            if (await store.AdoptionAsync(study, "study extend", cancellation) is { Count: > 0 } adoption)
            {
                facts.AddRange(adoption);
                heads[LedgerIds.Imports] = (await writer.HeadsAsync([LedgerIds.Imports], cancellation))[LedgerIds.Imports];
            }
            try
            {
                await writer.AppendAsync(facts, heads, null, cancellation);
                return new(
                    (await store.StudyAsync(study, cancellation)).State!, rule, true, extension.NewRuns.Count,
                    extension.Plans.SelectMany(p => p.Runs).DistinctBy(r => r.RunId).Count() - extension.NewRuns.Count);
            }
            catch (LedgerConflict) when (attempt < LedgerConflict.MostTries)
            {
                // The study has moved: look again.
            }
        }
    }

    /// <summary>Asks that a study end: nothing more of it is started, what runs is stopped.</summary>
    /// <param name="by">Whose token asked for it; null: the command line.</param>
    /// <exception cref="RuleViolation">There is no such study, or it is at rest.</exception>
    public async Task<Cancelling> CancelAsync(Guid study, string reason, CancellationToken cancellation = default, string? by = null)
    {
        var there = (await store.StudyAsync(study, cancellation)).State
            ?? throw NoStudy(study);
        if (there.IsEnded || there.IsCancelled)
            return new(there, there.CancelRequested, false);
        if (await store.IsAtRestAsync(study, cancellation))
            throw new RuleViolation(
                $"Study {study} was imported and is at rest: nothing of it runs here, so there is nothing to cancel; "
                + "ldc study run goes on with it.");
        var request = new StudyCancelRequested(study, reason, by);
        var recorded = await writer.RecordAsync([request], cancellation: cancellation);
        return new(there, request, recorded.New > 0);
    }

    // Where nothing is left to do, nothing is asked for, and the study stays as it came.
    private async Task<bool> AdoptAsync(StudyProgress study, string reason, CancellationToken cancellation)
    {
        if ((study.IsEnded && (await store.RetriedAsync(study, cancellation)).Count == 0)
            || await store.AdoptionAsync(study.StudyId, reason, cancellation) is not { Count: > 0 } adoption)
            return false;
        await writer.RecordAsync(adoption, cancellation: cancellation);
        return true;
    }

    private static RuleViolation NoStudy(Guid study) => new($"There is no study {study}; ldc study list shows them.");
}
