using LdcLedger.Domain.Identity;

namespace LdcLedger.Domain.Events;

/// <summary>
/// The id of every fact, its stream and its study: a fact that somebody tries to record twice, in whichever attempt, has one id and counts
/// once.
/// </summary>
public static class EventIds
{
    /// <summary>Built from what tells facts of one kind apart: run, epoch, layer.</summary>
    public static Guid Of(ILedgerEvent fact)
    {
        var kind = EventKinds.Of(fact);
        return LedgerIds.Event(kind.StreamOf(fact), kind.Alias, kind.Key(fact));
    }

    /// <summary>The stream a fact belongs to: its run, its study, the rules or the seals.</summary>
    public static Guid StreamOf(ILedgerEvent fact) => EventKinds.Of(fact).StreamOf(fact);

    /// <summary>The study a fact is part of; null for rules and seals, which are the whole ledger's.</summary>
    public static Guid? StudyOf(ILedgerEvent fact) => (fact as IStudyEvent)?.StudyId;
}
