using LdcLedger.Domain.Studies;
using MassTransit;

namespace LdcLedger.Ledger.Studies;

/// <summary>
/// The saga's instance: nothing but the fold of its study's stream. It is never changed and never stored, so it cannot disagree with the
/// ledger.
/// </summary>
public sealed class Stage2State : SagaStateMachineInstance
{
    /// <summary>The study's id.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>Name of a state of <see cref="Stage2Saga"/>.</summary>
    public string CurrentState { get; set; } = "";

    public StudyProgress Progress { get; set; } = null!;

    public static Stage2State Of(StudyProgress study) => new()
    {
        CorrelationId = study.StudyId,
        CurrentState = (study.IsEnded, study.IsCancelled) switch
        {
            (true, _) => nameof(Stage2Saga.Ended),
            (false, true) => nameof(Stage2Saga.Ending),
            (false, false) => nameof(Stage2Saga.Running),
        },
        Progress = study,
    };
}
