namespace LdcLedger.Torch.Inputs;

/// <summary>
/// Costly things that several runs use at a time (a base's weights, a tokenised corpus): made once per key, shared, and kept for the
/// next run until more than <paramref name="idle"/> of them lie unused.
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
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry!))
                _entries.Add(key, entry = new(make));
            entry.Users++;
        }
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
        List<Entry> dropped = [];
        lock (_gate)
        {
            entry.Users--;
            entry.LastUsed = ++_clock;
            foreach (var (key, old) in _entries.Where(e => e.Value.Users == 0).OrderByDescending(e => e.Value.LastUsed).Skip(idle).ToList())
            {
                _entries.Remove(key);
                dropped.Add(old);
            }
        }
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
