using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Trees;
using LdcLedger.Ledger.Views;

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

/// <summary>A seal, with the event that recorded it.</summary>
public sealed record ShownSeal(LedgerEvent Event, LedgerSealed Fact);

/// <summary>What else a path can name. To somebody who sees but one study, the rest is not there.</summary>
internal static class Lookups
{
    /// <summary>The study that the path names by <c>{study}</c>, as it is now.</summary>
    /// <exception cref="NotThere">There is none, or it is not for whoever asks.</exception>
    public static Task<Guid> StudyIdAsync(this View view) => view.StudyIdAsync(view.Part("study"));

    /// <summary>The same of one that is named elsewhere.</summary>
    public static async Task<Guid> StudyIdAsync(this View view, string named)
    {
        try
        {
            var study = await view.Ledger.Now.FindStudyAsync(named, view.Cancellation);
            return !view.Viewer.IsBound || study.Id == view.Viewer.Study ? study.Id : throw new NotThere($"There is no study '{named}'.");
        }
        catch (RuleViolation none)
        {
            throw new NotThere(view.Viewer.IsBound ? $"There is no study '{named}'." : none.Message);
        }
    }

    /// <summary>The run that the path names by <c>{run}</c>.</summary>
    /// <param name="history">Whether its events are wanted; else there are none.</param>
    /// <exception cref="NotThere">There is none, or it was not planned yet, or it is not for whoever asks.</exception>
    public static async Task<ShownRun> RunAsync(this View view, bool history = true)
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
            if (!history)
                return new(run, []);
            var events = await view.Ledger.Now.HistoryAsync(run.Id, view.Cancellation);
            return new(run, [.. events.Where(e => e.Sequence <= view.State.Position)]);
        }
        catch (RuleViolation refused)
        {
            throw view.Viewer.IsBound ? none : new NotThere(refused.Message);
        }
    }

    /// <summary>The event that the path names by <c>{event}</c>, at the moment that is asked for.</summary>
    /// <exception cref="NotThere">There is none, or none yet, or it is not for whoever asks.</exception>
    public static async Task<ShownEvent> EventAsync(this View view)
    {
        var named = view.Part("event");
        var none = new NotThere($"There is no event '{named}'.");
        try
        {
            var found = await view.Ledger.EventAsync(named, view.State.Position, view.Cancellation);
            if (await view.LastShownAsync(found) is not { } last || found.Sequence > last)
                throw none;
            return new(found, await view.MomentOfAsync(found, last));
        }
        catch (RuleViolation refused)
        {
            throw view.Viewer.IsBound ? none : new NotThere(refused.Message);
        }
    }

    /// <summary>
    /// The place in the whole ledger up to which whoever asks is told of an event's study; null where it is not theirs. Of a bound viewer
    /// it is the position that they were given.
    /// </summary>
    public static async Task<long?> LastShownAsync(this View view, LedgerEvent found)
    {
        if (!view.Viewer.IsBound)
            return view.State.Position;
        if ((found.Fact as IStudyEvent)?.StudyId is not { } study || study != view.Viewer.Study)
            return null;
        return view.Viewer.At is { } at
            ? (await view.Ledger.Past.MomentAsync(study, AsOf.At(at), view.Cancellation)).Sequence : view.State.Position;
    }

    // As of the moment that the address names; of an event that belongs to no study that can only be a time.
    private static async Task<long> MomentOfAsync(this View view, LedgerEvent found, long last)
    {
        if (view.At is not { } at || view["at"] is null)
            return last;
        var upTo = (found.Fact as IStudyEvent)?.StudyId is { } study
            ? (await view.Ledger.Past.MomentAsync(study, at, view.Cancellation)).Sequence
            : at.Time is { } time ? await view.Ledger.PlaceAsync(time, last, view.Cancellation)
            : throw new BadQuery($"at is {at}, and positions are of a single study; this event belongs to none, and takes a time.");
        if (upTo > last)
            throw new NotThere($"There is no event '{view.Part("event")}' at {at}.");
        return found.Sequence <= upTo ? upTo
            : throw new NotThere($"Event {found.Id} was not recorded yet at {at}: it is of {AsOf.Text(found.Timestamp)}.");
    }

    /// <summary>What the address shows to whoever has just asked for something; null: nothing was asked for.</summary>
    /// <exception cref="BadQuery">It names no event.</exception>
    public static async Task<Receipt?> ReceiptAsync(this View view)
    {
        if (view["receipt"] is not { } text || view.Viewer.IsBound)
            return null;
        return await view.Ledger.ReceiptAsync(
            [Guid.TryParse(text, out var id) ? id : throw new BadQuery($"receipt is '{text}'; it is the id of an event.")],
            view.Cancellation);
    }

    /// <summary>The seals up to what is shown, newest first.</summary>
    /// <param name="upTo">A place in the whole ledger; null: where the read models are.</param>
    public static async Task<IReadOnlyList<ShownSeal>> SealsAsync(this View view, long? upTo = null) =>
    [
        .. (await view.Ledger.Now.HistoryAsync(LedgerIds.Seals, view.Cancellation))
            .Where(e => e.Sequence <= (upTo ?? view.State.Position)).Reverse()
            .Select(e => (Event: e, Fact: e.Fact as LedgerSealed)).Where(e => e.Fact is not null)
            .Select(e => new ShownSeal(e.Event, e.Fact!)),
    ];

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
