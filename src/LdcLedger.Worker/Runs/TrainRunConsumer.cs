using LdcLedger.Ledger.Relay;
using MassTransit;

namespace LdcLedger.Worker.Runs;

/// <summary>Asks everything that trains in this process to stop, and learns of what nobody here can mend.</summary>
public sealed class WorkerStop : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs stop at their next step, keep a checkpoint, and are given back.</summary>
    public CancellationToken Token => _asked.Token;

    /// <summary>Faults when a run met something that would stop the others as well: a full disk, a ledger that is away.</summary>
    public Task Broken => _broken.Task;

    public void Ask() => _asked.Cancel();

    /// <summary>Returns when somebody has asked.</summary>
    public async Task AskedAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (_asked.Token.Register(() => done.TrySetResult()))
            await done.Task;
    }

    internal void Break(Exception cause)
    {
        _broken.TrySetException(cause);
        _asked.Cancel();
    }

    public void Dispose() => _asked.Dispose();
}

/// <summary>Does the runs of one study that the relay asks for. While a worker stops, and for other studies, messages are let go: the ledger refills them.</summary>
/// <param name="study">Null: any study's.</param>
public sealed class TrainRunConsumer(RunWork work, WorkerStop stop, Guid? study) : IConsumer<TrainRun>
{
    public async Task Consume(ConsumeContext<TrainRun> context)
    {
        if (stop.Token.IsCancellationRequested || study is { } ours && context.Message.StudyId != ours)
            return;
        try
        {
            await work.DoAsync(context.Message.RunId, context.ReceiveContext.Redelivered, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // It had not begun.
        }
        catch (Exception cause)
        {
            stop.Break(cause);
        }
    }
}
