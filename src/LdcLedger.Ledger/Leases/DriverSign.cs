using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Leases;

/// <summary>
/// The sign of a living process that would see a study, or every study, to its end: it leads, or stands by for another that leads. Any
/// number of processes may give it. It decides nothing; whoever asks where a study stands learns that it is not left alone. Where it is
/// lost with its connection, it is given again when the ledger is back.
/// </summary>
public sealed class DriverSign : IAsyncDisposable
{
    // As long as that of a run: a process that was frozen, or whose machine is gone, is missed after this.
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly LedgerStore _store;
    private readonly string _subject;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _giving;

    private DriverSign(LedgerStore store, Guid? study, TimeProvider time)
    {
        (_store, _subject, _time) = (store, Subject(store, study), time);
        _giving = GiveAsync();
    }

    /// <param name="study">Null: every study.</param>
    public static string Subject(LedgerStore store, Guid? study) =>
        study is { } one ? $"ldc driver of {store.Schema}, study {one:N}" : $"ldc driver of {store.Schema}, every study";

    /// <summary>Gives the sign as soon as the ledger can be reached, until it is disposed of.</summary>
    public static DriverSign Begin(LedgerStore store, Guid? study, TimeProvider time) => new(store, study, time);

    /// <summary>Returns when the sign is given.</summary>
    public static async Task<DriverSign> GivenAsync(
        LedgerStore store, Guid? study, TimeProvider time, CancellationToken cancellation = default)
    {
        var sign = Begin(store, study, time);
        try
        {
            await await Task.WhenAny(sign._given.Task, sign._giving).WaitAsync(cancellation);
            return sign;
        }
        catch
        {
            await sign.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _giving;
        _ended.Dispose();
    }

    private async Task GiveAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                await using var lease =
                    await SessionLease.TryShareAsync(_store.ConnectionString, _subject, SilenceTimeout, _time, _ended.Token);
                if (lease is not null)
                {
                    _given.TrySetResult();
                    using var over = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, _ended.Token);
                    await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, _time, over.Token));
                }
            }
            catch (Exception cause) when (cause is NpgsqlException or IOException or TimeoutException or OperationCanceledException)
            {
                // The ledger is away, or we end.
            }
            await Task.WhenAny(Task.Delay(RetryInterval, _time, _ended.Token));
        }
    }
}
