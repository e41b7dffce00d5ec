using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Relay;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using MassTransit;

namespace LdcLedger.Ledger.Studies;

/// <summary>
/// Follows a study: settles runs that have ended, fires stage 2 of a cell when its <c>all</c> runs of every seed are there, under the
/// study's rule and those that it was extended by, and says when all is done. It only routes: <see cref="Stage2Decision"/> decides, and
/// what is appended is the only effect; the relay publishes.
/// </summary>
/// <remarks>There are no transitions here, because the state is the fold of the stream (<see cref="Stage2State.Of"/>).</remarks>
public sealed class Stage2Saga : MassTransitStateMachine<Stage2State>
{
    private readonly LedgerStore _store;
    private readonly RunRequests _requests;

    public Stage2Saga(LedgerStore store, RunRequests requests)
    {
        (_store, _requests) = (store, requests);
        InstanceState(state => state.CurrentState);
        Event(() => RunEnded, e => { e.CorrelateById(m => m.Message.StudyId); e.OnMissingInstance(m => m.Fault()); });
        Event(() => StudyEnding, e => { e.CorrelateById(m => m.Message.StudyId); e.OnMissingInstance(m => m.Fault()); });

        // A run that is retried can end after its study has.
        During([Running, Ending, Ended], When(RunEnded).ThenAsync(SettleAsync));
        During([Running, Ending], When(StudyEnding).ThenAsync(CancelRunsAsync));
        During(Ended, Ignore(StudyEnding));   // delivered again, late
    }

    public State Running { get; private set; } = null!;

    /// <summary>Asked to end, with runs still open.</summary>
    public State Ending { get; private set; } = null!;

    public State Ended { get; private set; } = null!;

    public Event<RunEnded> RunEnded { get; private set; } = null!;

    public Event<StudyEnding> StudyEnding { get; private set; } = null!;

    private async Task SettleAsync(BehaviorContext<Stage2State, RunEnded> context)
    {
        var study = context.Saga.Progress;
        if (await _store.IsAtRestAsync(study.StudyId, context.CancellationToken))
            return;   // a message of the ledger that it came from
        var run = (await _store.RunAsync(context.Message.RunId, context.CancellationToken)).State;
        if (run is null || RunSettled.Of(run) is not { } settled)
            return;   // it was retried since: the message of its next end settles it
        if (study.Runs.GetValueOrDefault(settled.RunId)?.Retry >= settled.Retry)
            return;   // delivered again: what follows from it was recorded with it
        List<ILedgerEvent> facts = [settled];
        List<RunPlanned> newRuns = [];
        study = study.After(settled);
        // Only the cell of a run that settles can have become ready.
        if (Stage2Decision.Ready(study, settled.Model, settled.Domain) is { } cell)
        {
            var norms = new List<RunNorms>();
            foreach (var all in cell.AllRuns)
                if (await _store.NormsAsync(all, context.CancellationToken) is { } measured)
                    norms.Add(measured);
            foreach (var rule in cell.Rules)
                if (Plan(study, cell, rule, norms) is { } decided)
                {
                    facts.Add(decided.Plan);
                    newRuns.AddRange(decided.NewRuns);
                    study = study.After(decided.Plan);
                }
        }
        if (Stage2Decision.Completion(study) is { } completed)
            facts.Add(completed);
        context.GetPayload<StudyAppends>().Append(facts, newRuns, EventIds.Of(run.Ended!));
    }

    // Null where the runs lack what the rule asks for: the study goes on without this cell's stage 2, and its tables say why.
    private static (Stage2Planned Plan, IReadOnlyList<RunPlanned> NewRuns)? Plan(
        StudyProgress study, ReadyCell cell, AggregationRule rule, IReadOnlyList<RunNorms> norms)
    {
        try
        {
            return Stage2Decision.Plan(study, cell, rule, norms);
        }
        catch (RuleViolation)
        {
            return null;
        }
    }

    // Each run in a transaction of its own: asking again is harmless, and one busy run must not undo the others.
    private async Task CancelRunsAsync(BehaviorContext<Stage2State, StudyEnding> context)
    {
        if (context.Saga.Progress.CancelRequested is not { } cancel
            || await _store.IsAtRestAsync(cancel.StudyId, context.CancellationToken))
            return;
        foreach (var (run, settled) in context.Saga.Progress.Runs)
            if (settled is null)
                await _requests.CancelAsync(run, RunRequests.Because(cancel), EventIds.Of(cancel), context.CancellationToken);
    }
}
