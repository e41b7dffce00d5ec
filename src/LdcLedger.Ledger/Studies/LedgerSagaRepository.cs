using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain;
using LdcLedger.Ledger.Store;
using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;

namespace LdcLedger.Ledger.Studies;

/// <summary>
/// What the saga appends while it handles a message: to its study's stream, as it was when the saga was loaded, and to those of new runs.
/// </summary>
public sealed class StudyAppends(StreamState<StudyProgress> study)
{
    internal IReadOnlyDictionary<Guid, StreamHead> Heads { get; } =
        new Dictionary<Guid, StreamHead> { [study.State!.StudyId] = study.Head };

    internal IReadOnlyList<ILedgerEvent> Facts { get; private set; } = [];

    /// <summary>Id of the event that all of this follows from.</summary>
    internal Guid? Cause { get; private set; }

    public void Append(IReadOnlyList<ILedgerEvent> studyFacts, IReadOnlyList<RunPlanned> newRuns, Guid cause) =>
        (Facts, Cause) = ([.. studyFacts, .. newRuns], cause);
}

/// <summary>
/// Saga state as the fold of a stream: loading folds on what was appended to the study's stream since the last time, saving appends to it,
/// expecting it where it was. State and what follows from it are one commit, and a message that comes again finds what it already led to.
/// </summary>
public sealed class LedgerSagaRepository(LedgerStore store, LedgerWriter writer) : ISagaRepositoryContextFactory<Stage2State>
{
    public static ISagaRepository<Stage2State> Over(LedgerStore store, LedgerWriter writer) =>
        new SagaRepository<Stage2State>(new LedgerSagaRepository(store, writer));

    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<Stage2State, T>> next) where T : class =>
        next.Send(new LedgerSagaContext<T>(store, writer, context));

    public Task SendQuery<T>(
        ConsumeContext<T> context, ISagaQuery<Stage2State> query, IPipe<SagaRepositoryQueryContext<Stage2State, T>> next) where T : class =>
        throw new NotSupportedException("A study's saga is found by the study's id alone.");

    public void Probe(ProbeContext context) => context.Add("persistence", "ledger");
}

internal sealed class LedgerSagaContext<T>(LedgerStore store, LedgerWriter writer, ConsumeContext<T> context)
    : ConsumeContextScope<T>(context), SagaRepositoryContext<Stage2State, T> where T : class
{
    private StudyAppends? _appends;

    public async Task<SagaConsumeContext<Stage2State, T>> Load(Guid correlationId)
    {
        var study = await store.StudyAsync(correlationId, CancellationToken);
        if (study.State is not { } progress)
            return null!;   // MassTransit's word for "there is none"
        _appends = new(study);
        GetOrAddPayload(() => _appends);
        return await CreateSagaConsumeContext(this, Stage2State.Of(progress), SagaConsumeContextMode.Load);
    }

    public Task Update(SagaConsumeContext<Stage2State> context) => SaveAsync();

    public Task Save(SagaConsumeContext<Stage2State> context) => SaveAsync();

    public Task Undo(SagaConsumeContext<Stage2State> context) => Task.CompletedTask;   // nothing is appended until it is saved

    public Task<SagaConsumeContext<Stage2State, TMessage>> CreateSagaConsumeContext<TMessage>(
        ConsumeContext<TMessage> consumeContext, Stage2State instance, SagaConsumeContextMode mode) where TMessage : class =>
        Task.FromResult<SagaConsumeContext<Stage2State, TMessage>>(
            new DefaultSagaConsumeContext<Stage2State, TMessage>(consumeContext, instance));

    public Task<SagaConsumeContext<Stage2State, T>> Add(Stage2State instance) => throw BeginsWithItsStream();

    public Task<SagaConsumeContext<Stage2State, T>> Insert(Stage2State instance) => throw BeginsWithItsStream();

    public Task Delete(SagaConsumeContext<Stage2State> context) =>
        throw new NotSupportedException("Nothing is ever removed from the ledger.");

    public Task Discard(SagaConsumeContext<Stage2State> context) => throw BeginsWithItsStream();

    private Task SaveAsync() => _appends is { Cause: { } cause } appends
        ? writer.AppendAsync(appends.Facts, appends.Heads, cause, CancellationToken)
        : Task.CompletedTask;

    private static NotSupportedException BeginsWithItsStream() =>
        new("A study's saga begins with the study's stream, by submitting the study.");
}
