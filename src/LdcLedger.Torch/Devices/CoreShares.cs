namespace LdcLedger.Torch.Devices;

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

    private readonly Lock _gate = new();
    private readonly LinkedList<(int Share, TaskCompletionSource Granted)> _waiting = [];
    private int _free = cores;

    public int Cores { get; } = cores;

    /// <summary>Threads of a run on a model of so many parameters; also the cores it occupies.</summary>
    public int ThreadsFor(long parameters) => parameters >= LargeFrom ? Cores : 1;

    /// <summary>Waits until so many cores are free, first come first served; disposing the result gives them back.</summary>
    public async Task<IDisposable> TakeAsync(int share, CancellationToken cancellation)
    {
        if (share < 1 || share > Cores)
            throw new ArgumentOutOfRangeException(nameof(share), share, $"1 to {Cores} cores can be taken");
        LinkedListNode<(int Share, TaskCompletionSource Granted)>? place = null;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _free >= share)
                _free -= share;
            else
                place = _waiting.AddLast((share, new(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        if (place is null)
            return new Taken(this, share);
        using (cancellation.Register(() => GiveUp(place)))
            await place.Value.Granted.Task;
        return new Taken(this, share);
    }

    private void GiveUp(LinkedListNode<(int Share, TaskCompletionSource Granted)> place)
    {
        lock (_gate)
        {
            if (place.List is null)
                return;
            _waiting.Remove(place);
            Grant();
        }
        place.Value.Granted.SetCanceled();
    }

    private void GiveBack(int share)
    {
        lock (_gate)
        {
            _free += share;
            Grant();
        }
    }

    private void Grant()
    {
        while (_waiting.First is { } next && _free >= next.Value.Share)
        {
            _waiting.RemoveFirst();
            _free -= next.Value.Share;
            next.Value.Granted.SetResult();
        }
    }

    private sealed class Taken(CoreShares of, int share) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
                of.GiveBack(share);
        }
    }
}
