using JasperFx.Events;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;
using Marten.Events.Aggregation;
using MassTransit;

namespace LdcLedger.Ledger.Stage2;

/// <summary>
/// The saga's instance: nothing but the fold of its study's stream. It is never changed and never stored, so it cannot disagree with the ledger.
/// </summary>
public sealed class Stage2State : SagaStateMachineInstance
{
    /// <summary>The study's id, for Marten.</summary>
    public Guid Id { get; set; }

    /// <summary>The study's id, for MassTransit.</summary>
    public Guid CorrelationId { get => Id; set => Id = value; }

    /// <summary>Name of a state of <see cref="Stage2Saga"/>.</summary>
    public string CurrentState { get; set; } = "";

    public StudyProgress Progress { get; set; } = null!;

    public static Stage2State Of(StudyProgress study) => new()
    {
        Id = study.StudyId,
        CurrentState = study.IsEnded ? nameof(Stage2Saga.Ended) : study.IsCancelled ? nameof(Stage2Saga.Ending) : nameof(Stage2Saga.Running),
        Progress = study,
    };
}

/// <summary>How Marten folds a study's stream into the saga's instance, each time that it is loaded.</summary>
public sealed class Stage2Fold : SingleStreamProjection<Stage2State, Guid>
{
    public override Stage2State? Evolve(Stage2State? snapshot, Guid id, IEvent e) =>
        StudyProgress.Evolve(snapshot?.Progress, e.Fact, e.Timestamp) is { } study ? Stage2State.Of(study) : null;
}
