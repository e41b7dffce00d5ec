using LdcLedger.Domain;
using LdcLedger.Ledger.Relay;
using LdcLedger.Worker.Journal;
using LdcLedger.Worker.Progress;
using MassTransit;

namespace LdcLedger.Worker.Runs;

/// <summary>
/// Does the runs of a cluster, whichever study's. The message stays unacknowledged while its run trains. A ledger that is away is waited for;
/// a run that this machine cannot do is left for others: the ledger sends it again.
/// </summary>
public sealed class ClusterConsumer(RunWork work, InputSight sight, WorkerStop stop, ProgressFeed feed, TimeProvider time) : IConsumer<TrainRun>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async Task Consume(ConsumeContext<TrainRun> context)
    {
        var (run, redelivered, told) = (context.Message.RunId, context.ReceiveContext.Redelivered, false);
        while (!stop.Token.IsCancellationRequested)
        {
            try
            {
                if (await sight.MissingAsync(context.Message, stop.Token) is { } missing)
                {
                    feed.Say($"run {run} is left to others: {missing}");
                    return;
                }
                await work.DoAsync(run, redelivered, stop.Token);
                return;
            }
            catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
            {
                return;
            }
            catch (RuleViolation stray)
            {
                feed.Say($"a message is let go: {stray.Message}");   // of another ledger, or from before a restore
                return;
            }
            catch (Exception cause) when (LedgerAbsence.Is(cause))
            {
                if (!told)
                    feed.Say($"the ledger cannot be reached ({cause.Message.TrimEnd('.')}): run {run} waits for it");
                told = true;
                await Task.WhenAny(Task.Delay(Pause, time, stop.Token));
            }
            catch (Exception cause)
            {
                stop.Break(cause);
                return;
            }
        }
    }
}
