using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Trees;

namespace LdcLedger.Web.Views;

/// <summary>A run, as a page shows it.</summary>
/// <param name="History">Its events, up to the moment that is shown.</param>
public sealed record ShownRun(RunSummary Run, IReadOnlyList<LedgerEvent> History);

/// <summary>An event, as a page shows it.</summary>
/// <param name="UpTo">The place in the whole ledger after which nothing is told to whoever asks.</param>
public sealed record ShownEvent(LedgerEvent Event, long UpTo)
{
    public Guid? Study => (Event.Fact as IStudyEvent)?.StudyId;
}

/// <summary>What else a path can name. To somebody who sees but one study, the rest is not there.</summary>
internal static class Lookups
{
    /// <summary>The run that the path names by <c>{run}</c>.</summary>
    /// <exception cref="NotThere">There is none, or it was not planned yet, or it is not for whoever asks.</exception>
    public static async Task<ShownRun> RunAsync(this View view)
    {
        var named = view.Part("run");
        var none = new NotThere($"There is no run '{named}'.");
        try
        {
            if (view.At is { } at)
            {
                var then = await view.Ledger.Past.FindRunAsync(named, at, view.Cancellation);
                return view.Shows(then.Run.StudyId, then.Moment.Position) ? new(then.Run, then.History) : throw none;
            }
            var run = await view.Ledger.Now.FindRunAsync(named, view.Cancellation);
            if (!view.Shows(run.StudyId, 0))
                throw none;
            var history = await view.Ledger.Now.HistoryAsync(run.Id, view.Cancellation);
            return new(run, [.. history.Where(e => e.Sequence <= view.State.Position)]);
        }
        catch (RuleViolation refused)
        {
            throw view.Viewer.IsBound ? none : new NotThere(refused.Message);
        }
    }

    /// <summary>The event that the path names by <c>{event}</c>.</summary>
    /// <exception cref="NotThere">There is none, or it is not for whoever asks.</exception>
    public static async Task<ShownEvent> EventAsync(this View view)
    {
        var named = view.Part("event");
        var none = new NotThere($"There is no event '{named}'.");
        try
        {
            var found = new ShownEvent(
                await view.Ledger.EventAsync(named, view.State.Position, view.Cancellation), view.State.Position);
            if (!view.Viewer.IsBound)
                return found;
            if (found.Study != view.Viewer.Study)
                throw none;
            if (view.Viewer.At is not { } last)
                return found;
            var moment = await view.Ledger.Past.MomentAsync(found.Study!.Value, AsOf.At(last), view.Cancellation);
            return found.Event.Sequence <= moment.Sequence ? found with { UpTo = moment.Sequence } : throw none;
        }
        catch (RuleViolation refused)
        {
            throw view.Viewer.IsBound ? none : new NotThere(refused.Message);
        }
    }

    /// <summary>A proof of an event, or why there is none yet. What a bound viewer gets leads to the root that they were given.</summary>
    public static async Task<(InclusionProof? Proof, string? Why)> ProofAsync(this View view, ShownEvent shown)
    {
        try
        {
            var proof = await new Proving(view.Ledger.Store, TimeProvider.System)
                .ProveAsync(shown.Event.Id.ToString("D"), shown.UpTo, view.Cancellation);
            return (view.Viewer.IsBound ? proof with { InSeal = null, Checkpoint = null } : proof, null);
        }
        catch (Exception none) when (none is RuleViolation or BrokenTree)
        {
            return (null, none.Message.EndsWith('.') ? none.Message : none.Message + ".");
        }
    }
}
