namespace LdcLedger.Torch.Inputs;

/// <summary>
/// Costly things that several runs use at a time (a base's weights, a tokenised corpus): made once per key, shared, and kept for the
/// next run until more than <paramref name="idle"/> of them lie unused. What is made counts from before it is there, so that with one idle
/// a value of gigabytes never lies unused beside its successor.
/// </summary>
public sealed class SharedInputs<TKey, T>(int idle) : IDisposable where TKey : notnull where T : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private long _clock;

    /// <summary>
    /// The value of this key, made by <paramref name="make"/> on this thread, or awaited where another run makes it just now.
    /// </summary>
    public Borrowed Borrow(TKey key, Func<T> make)
    {
        Entry entry;
        List<Entry> dropped = [];
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry!))
            {
                dropped = Drop(butFor: Math.Max(0, idle - 1));
                _entries.Add(key, entry = new(make));
            }
            entry.Users++;
        }
        Dispose(dropped);
        try
        {
            return new(this, key, entry, entry.Value.Value);
        }
        catch
        {
            // A value that cannot be made is not kept: the next run may find the cause gone.
            lock (_gate)
                if (_entries.TryGetValue(key, out var failed) && failed == entry)
                    _entries.Remove(key);
            throw;
        }
    }

    private void GiveBack(Entry entry)
    {
        List<Entry> dropped;
        lock (_gate)
        {
            entry.Users--;
            entry.LastUsed = ++_clock;
            dropped = Drop(idle);
        }
        Dispose(dropped);
    }

    /// <summary>Takes the unused ones away, but for the latest; the caller holds the gate.</summary>
    private List<Entry> Drop(int butFor)
    {
        var unused = _entries.Where(e => e.Value.Users == 0).OrderByDescending(e => e.Value.LastUsed).Skip(butFor).ToList();
        foreach (var (key, _) in unused)
            _entries.Remove(key);
        return [.. unused.Select(e => e.Value)];
    }

    private static void Dispose(List<Entry> dropped)
    {
        foreach (var old in dropped)
            (old.Value.Value as IDisposable)?.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values.Where(e => e.Value.IsValueCreated))
                (entry.Value.Value as IDisposable)?.Dispose();
            _entries.Clear();
        }
    }

    private sealed class Entry(Func<T> make)
    {
        public Lazy<T> Value { get; } = new(make, LazyThreadSafetyMode.ExecutionAndPublication);
        public int Users { get; set; }
        public long LastUsed { get; set; }
    }

    /// <summary>A value in use; disposing gives it back.</summary>
    public sealed class Borrowed : IDisposable
    {
        private readonly SharedInputs<TKey, T> _of;
        private readonly Entry _entry;
        private int _given;

        internal Borrowed(SharedInputs<TKey, T> of, TKey key, object entry, T value)
        {
            _of = of;
            _entry = (Entry)entry;
            Key = key;
            Value = value;
        }

        public TKey Key { get; }

        public T Value { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
                _of.GiveBack(_entry);
        }
    }
}
