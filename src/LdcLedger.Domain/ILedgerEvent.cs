namespace LdcLedger.Domain;

/// <summary>
/// A fact: what the ledger records, and nothing else. Implemented by sealed flat records that have a row in
/// <see cref="Events.EventKinds"/>; a record whose interface is this one alone belongs to the whole ledger (rules, seals).
/// </summary>
public interface ILedgerEvent;

/// <summary>A fact of a study. In the study's own stream, unless it is an <see cref="IRunEvent"/>.</summary>
public interface IStudyEvent : ILedgerEvent
{
    Guid StudyId { get; }
}

/// <summary>A fact of a run, in the run's own stream.</summary>
public interface IRunEvent : IStudyEvent
{
    Guid RunId { get; }
}
