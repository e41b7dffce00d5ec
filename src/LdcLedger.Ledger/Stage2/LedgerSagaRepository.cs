using JasperFx.Events;
using LdcLedger.Domain;
using LdcLedger.Ledger.Store;
using Marten;
using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;

namespace LdcLedger.Ledger.Stage2;

/// <summary>What the saga appends to while it handles a message: its study's stream, and others of the same transaction.</summary>
public sealed class StudyAppends(IDocumentSession session, IEventStream<Stage2State> study)
{
    internal IDocumentSession Session => session;

    /// <summary>Id of the event that all of this follows from.</summary>
    internal Guid? Cause { get; private set; }

    /// <summary>Appends to the study's stream, as it was when the saga was loaded, and begins the streams of new runs.</summary>
    public void Append(IReadOnlyList<ILedgerEvent> studyFacts, IReadOnlyList<Domain.Runs.RunPlanned> newRuns, Guid cause)
    {
        study.AppendMany(studyFacts);
        foreach (var run in newRuns)
            LedgerWriter.Append(session, run.RunId, 0, [run]);
        Cause = cause;
    }
}

/// <summary>
/// Saga state as the fold of a stream: loading folds the study's stream for writing, saving appends to it, expecting it where it was. State and what
/// follows from it are one commit, and a message that comes again finds what it already led to.
/// </summary>
public sealed class LedgerSagaRepository(LedgerStore store, LedgerWriter writer) : ISagaRepositoryContextFactory<Stage2State>
{
    public static ISagaRepository<Stage2State> Over(LedgerStore store, LedgerWriter writer) =>
        new SagaRepository<Stage2State>(new LedgerSagaRepository(store, writer));

    public async Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<Stage2State, T>> next) where T : class
    {
        await using var session = store.Marten.LightweightSession();
        await next.Send(new LedgerSagaContext<T>(session, writer, context));
    }

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<Stage2State> query, IPipe<SagaRepositoryQueryContext<Stage2State, T>> next) where T : class =>
        throw new NotSupportedException("A study's saga is found by the study's id alone.");

    public void Probe(ProbeContext context) => context.Add("persistence", "ledger");
}

internal sealed class LedgerSagaContext<T>(IDocumentSession session, LedgerWriter writer, ConsumeContext<T> context)
    : ConsumeContextScope<T>(context), SagaRepositoryContext<Stage2State, T> where T : class
{
    private StudyAppends? _appends;

    public async Task<SagaConsumeContext<Stage2State, T>> Load(Guid correlationId)
    {
        var stream = await session.Events.FetchForWriting<Stage2State>(correlationId, CancellationToken);
        if (stream.Aggregate is null)
            return null!;   // MassTransit's word for "there is none"
        _appends = new(session, stream);
        GetOrAddPayload(() => _appends);
        return await CreateSagaConsumeContext(this, stream.Aggregate, SagaConsumeContextMode.Load);
    }

    public Task Update(SagaConsumeContext<Stage2State> context) => SaveAsync();

    public Task Save(SagaConsumeContext<Stage2State> context) => SaveAsync();

    public Task Undo(SagaConsumeContext<Stage2State> context) => Task.CompletedTask;   // nothing is appended until it is saved

    public Task<SagaConsumeContext<Stage2State, TMessage>> CreateSagaConsumeContext<TMessage>(
        ConsumeContext<TMessage> consumeContext, Stage2State instance, SagaConsumeContextMode mode) where TMessage : class =>
        Task.FromResult<SagaConsumeContext<Stage2State, TMessage>>(new DefaultSagaConsumeContext<Stage2State, TMessage>(consumeContext, instance));

    public Task<SagaConsumeContext<Stage2State, T>> Add(Stage2State instance) => throw BeginsWithItsStream();

    public Task<SagaConsumeContext<Stage2State, T>> Insert(Stage2State instance) => throw BeginsWithItsStream();

    public Task Delete(SagaConsumeContext<Stage2State> context) => throw new NotSupportedException("Nothing is ever removed from the ledger.");

    public Task Discard(SagaConsumeContext<Stage2State> context) => throw BeginsWithItsStream();

    private Task SaveAsync() => _appends is { Cause: { } cause } ? writer.CommitAsync(session, cause, CancellationToken) : Task.CompletedTask;

    private static NotSupportedException BeginsWithItsStream() => new("A study's saga begins with the study's stream, by submitting the study.");
}
