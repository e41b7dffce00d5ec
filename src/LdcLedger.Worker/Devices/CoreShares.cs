namespace LdcLedger.Worker.Devices;

/// <summary>
/// Divides the machine's cores among runs. A small model trains on one thread, as many runs at a time as there are cores; a large one
/// takes all cores and trains alone. So a run's number of threads follows from its model and the machine, never from how busy the
/// machine is: the same run on the same machine adds up its numbers in the same order, bit for bit.
/// </summary>
public sealed class CoreShares(int cores)
{
    /// <summary>
    /// Parameters from which a model is large: below, one matrix product is too little work to be worth splitting over threads, and
    /// runs side by side use the cores better.
    /// </summary>
    public const long LargeFrom = 100_000_000;

    private readonly Lock gate = new();
    private readonly LinkedList<(int Share, TaskCompletionSource Granted)> waiting = [];
    private int free = cores;

    public int Cores { get; } = cores;

    /// <summary>Threads of a run on a model of so many parameters; also the cores it occupies.</summary>
    public int ThreadsFor(long parameters) => parameters >= LargeFrom ? Cores : 1;

    /// <summary>Waits until so many cores are free, first come first served; disposing the result gives them back.</summary>
    public async Task<IDisposable> TakeAsync(int share, CancellationToken cancelled)
    {
        if (share < 1 || share > Cores)
            throw new ArgumentOutOfRangeException(nameof(share), share, $"1 to {Cores} cores can be taken");
        LinkedListNode<(int Share, TaskCompletionSource Granted)>? place = null;
        lock (gate)
        {
            if (waiting.Count == 0 && free >= share)
                free -= share;
            else
                place = waiting.AddLast((share, new(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        if (place is null)
            return new Taken(this, share);
        using (cancelled.Register(() => GiveUp(place)))
            await place.Value.Granted.Task;
        return new Taken(this, share);
    }

    private void GiveUp(LinkedListNode<(int Share, TaskCompletionSource Granted)> place)
    {
        lock (gate)
        {
            if (place.List is null)
                return;
            waiting.Remove(place);
            Grant();
        }
        place.Value.Granted.SetCanceled();
    }

    private void GiveBack(int share)
    {
        lock (gate)
        {
            free += share;
            Grant();
        }
    }

    private void Grant()
    {
        while (waiting.First is { } next && free >= next.Value.Share)
        {
            waiting.RemoveFirst();
            free -= next.Value.Share;
            next.Value.Granted.SetResult();
        }
    }

    private sealed class Taken(CoreShares of, int share) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) == 0)
                of.GiveBack(share);
        }
    }
}
