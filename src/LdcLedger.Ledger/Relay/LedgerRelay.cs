using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using LdcLedger.Domain.Studies;
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

    private readonly IPublishEndpoint _bus;
    private readonly Action? _studyCompleted;

    /// <param name="studyCompleted">Called when a study's completion has passed; it must not take time.</param>
    public LedgerRelay(IPublishEndpoint bus, Action? studyCompleted = null)
    {
        (_bus, _studyCompleted) = (bus, studyCompleted);
        Name = SubscriptionName;
        foreach (var source in Messages.Sources.Append(typeof(StudyCompleted)))
            IncludeType(source);
    }

    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellation)
    {
        foreach (var some in page.Events.Where(e => Messages.Of(e.Fact) is not null).Chunk(AtOnce))
            await Task.WhenAll(some.Select(e => PublishAsync(_bus, Messages.Of(e.Fact)!, e.Id, e.Sequence, cancellation)));
        if (page.Events.Any(e => e.Data is StudyCompleted))
            _studyCompleted?.Invoke();
        return NullChangeListener.Instance;
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
