using LdcLedger.Domain;
using LdcLedger.Ledger.Relay;
using LdcLedger.Worker.Journal;
using LdcLedger.Worker.Progress;
using MassTransit;

namespace LdcLedger.Worker.Runs;

/// <summary>
/// Does the runs that the relay asks for, on any transport. A message stays unacknowledged while its run trains; one that is let go is not
/// lost, the ledger sends it again. One worker among others leaves to them what it cannot do here, and waits for a ledger that is away.
/// Whoever runs a study alone has somebody to tell: it stops, and says why.
/// </summary>
/// <param name="study">The one study that this process runs, alone; null: any study's runs, as one worker among others.</param>
public sealed class TrainRunConsumer(
    RunWork work, InputSight sight, WorkerStop stop, ProgressFeed feed, TimeProvider time, Guid? study) : IConsumer<TrainRun>
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    private bool IsOneOfMany => study is null;

    public async Task Consume(ConsumeContext<TrainRun> context)
    {
        if (IsOneOfMany || study == context.Message.StudyId)
            await DoAsync(context.Message, context.ReceiveContext.Redelivered);
    }

    private async Task DoAsync(TrainRun message, bool redelivered)
    {
        var told = false;
        while (!stop.Token.IsCancellationRequested)
        {
            try
            {
                if (IsOneOfMany && await sight.MissingAsync(message, stop.Token) is { } missing)
                    feed.Say($"run {message.RunId} is left to other workers: {missing}");
                else
                    await work.DoAsync(message.RunId, redelivered, stop.Token);
                return;
            }
            catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
            {
                return;   // it had not begun
            }
            catch (RuleViolation stray) when (IsOneOfMany)
            {
                feed.Say($"a message was dropped: {stray.Message}");   // of another ledger, or from before a restore
                return;
            }
            catch (Exception cause) when (IsOneOfMany && LedgerAbsence.Is(cause))
            {
                if (!told)
                    feed.Say($"the ledger cannot be reached ({cause.Message.TrimEnd('.')}): run {message.RunId} waits for it");
                told = true;
                await Task.WhenAny(Task.Delay(RetryInterval, time, stop.Token));
            }
            catch (Exception cause)
            {
                stop.Break(cause);
                return;
            }
        }
    }
}
