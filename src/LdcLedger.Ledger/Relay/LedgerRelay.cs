using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.Store;
using Marten;
using Marten.Subscriptions;
using MassTransit;

namespace LdcLedger.Ledger.Relay;

/// <summary>
/// Turns events into messages, in ledger order, at least once: its progress is committed after the broker has the messages, so a crash in
/// between publishes some again. It alone publishes; everything downstream is idempotent.
/// </summary>
public sealed class LedgerRelay : SubscriptionBase
{
    /// <summary>Never changed, and its version never raised: either would publish the whole history again.</summary>
    public const string SubscriptionName = "relay";

    /// <summary>Its row in Marten's table of progress.</summary>
    internal const string Progress = SubscriptionName + ":All";

    /// <summary>Header of a message: the place of its event in the whole ledger.</summary>
    public const string SequenceHeader = "ldc-sequence";

    private const int AtOnce = 64;

    private readonly LedgerStore _store;
    private readonly Refill _refill;
    private readonly IPublishEndpoint _bus;
    private readonly Action? _studyCompleted;

    /// <param name="studyCompleted">Called when a study's completion has passed; it must not take time.</param>
    public LedgerRelay(LedgerStore store, Refill refill, IPublishEndpoint bus, Action? studyCompleted = null)
    {
        (_store, _refill, _bus, _studyCompleted) = (store, refill, bus, studyCompleted);
        Name = SubscriptionName;
        foreach (var source in Messages.Sources.Append(typeof(StudyAdopted)).Append(typeof(StudyCompleted)))
            IncludeType(source);
    }

    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellation)
    {
        foreach (var some in (await WorkInAsync(page.Events, cancellation)).Chunk(AtOnce))
            await Task.WhenAll(some.Select(w => PublishAsync(_bus, w.Message, w.Cause, w.Sequence, cancellation)));
        if (page.Events.Any(e => e.Data is StudyCompleted))
            _studyCompleted?.Invoke();
        return NullChangeListener.Instance;
    }

    // What stands in a study that is at rest is nobody's business, until it is adopted: then all of it that is still open.
    private async Task<IReadOnlyList<OpenWork>> WorkInAsync(IReadOnlyList<IEvent> page, CancellationToken cancellation)
    {
        if (page.Count == 0)
            return [];
        var imported = await _store.ImportNotesAsync(cancellation);
        var work = new List<OpenWork>();
        foreach (var e in page)
            if (e.Fact is StudyAdopted adopted)
                work.AddRange(await _refill.OpenAsync(adopted.StudyId, cancellation, e.Sequence));
            else if (Messages.Of(e.Fact) is { } message
                && imported.GetValueOrDefault(EventIds.StudyOf(e.Fact)!.Value)?.IsAtRestAt(e.Sequence) is not true)
                work.Add(new(message, e.Id, e.Sequence));
        return work;
    }

    /// <summary>Publishes with the event's id as the message's, whoever does it.</summary>
    internal static Task PublishAsync(IPublishEndpoint bus, object message, Guid cause, long sequence, CancellationToken cancellation) =>
        bus.Publish(message, message.GetType(), Pipe.Execute<PublishContext>(context =>
        {
            context.MessageId = cause;
            context.Headers.Set(SequenceHeader, sequence);
            // Where nobody has declared a queue for it, the broker says so instead of dropping it.
            if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                rabbit.Mandatory = true;
        }), cancellation);
}
