using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;
using LdcLedger.Ledger.Views;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Web.Requests;

/// <summary>How a verification stands.</summary>
public enum VerificationStatus
{
    Running,

    /// <summary>Everything is as it was recorded.</summary>
    Intact,

    /// <summary>Something is not.</summary>
    Differs,

    /// <summary>It did not come to its end.</summary>
    Failed,
}

/// <summary>A verification of the whole ledger, as it runs and after it.</summary>
/// <param name="Number">1, 2, ... since this process began.</param>
/// <param name="By">Whose token asked for it.</param>
/// <param name="Events">How many have been looked at.</param>
/// <param name="Of">How many there were when it began, about.</param>
/// <param name="Found">What it found; null while it runs, and where it failed.</param>
/// <param name="Why">Why it failed; else null.</param>
public sealed record LedgerVerification(
    int Number, VerificationStatus Status, string By, DateTimeOffset Began, DateTimeOffset? Ended, long Events, long Of,
    ChainVerification? Found, string? Why);

/// <summary>
/// Verifications that were asked for over HTTP: what <c>ldc ledger verify</c> does, one at a time, beside whatever else happens. They are
/// no facts: the last few are kept as long as this process.
/// </summary>
public sealed class Verifications(
    LedgerStore store, LedgerViews ledger, Func<IReadOnlyList<PublicSealKey>?> keys, TimeProvider time, ILogger<Verifications> log)
    : IAsyncDisposable
{
    private const int MostKept = 20;

    private readonly Lock _lock = new();
    private readonly List<LedgerVerification> _kept = [];
    private readonly CancellationTokenSource _ended = new();
    private Task _running = Task.CompletedTask;
    private long _looked;

    /// <summary>The newest; null: nobody has asked yet.</summary>
    public LedgerVerification? Newest
    {
        get
        {
            lock (_lock)
                return _kept.Count == 0 ? null : Told(_kept[^1]);
        }
    }

    /// <summary>Null where there is none of that number, or not any more.</summary>
    public LedgerVerification? Find(long number)
    {
        lock (_lock)
            return _kept.Find(v => v.Number == number) is { } found ? Told(found) : null;
    }

    /// <summary>Begins one; where one is running, that is it.</summary>
    public async Task<(LedgerVerification Verification, bool IsNew)> BeginAsync(string by, CancellationToken cancellation)
    {
        var of = (await ledger.StateAsync(cancellation)).Last;
        lock (_lock)
        {
            if (_kept is [.., { Status: VerificationStatus.Running } running])
                return (Told(running), false);
            var begun = new LedgerVerification(
                (_kept.LastOrDefault()?.Number ?? 0) + 1, VerificationStatus.Running, by, time.GetUtcNow(), null, 0, of, null, null);
            _kept.Add(begun);
            if (_kept.Count > MostKept)
                _kept.RemoveAt(0);
            _looked = 0;
            _running = Task.Run(() => RunAsync(begun));
            return (begun, true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _running;
        _ended.Dispose();
    }

    private LedgerVerification Told(LedgerVerification verification) => verification.Status == VerificationStatus.Running
        ? verification with { Events = Math.Min(Interlocked.Read(ref _looked), verification.Of) } : verification;

    private async Task RunAsync(LedgerVerification begun)
    {
        LedgerVerification ended;
        try
        {
            var found = await ChainVerification.OfAsync(store, new(Keys: keys(), Progress: new Looked(this)), _ended.Token);
            ended = begun with
            {
                Status = found.IsIntact ? VerificationStatus.Intact : VerificationStatus.Differs, Events = found.Events, Found = found,
            };
            if (!found.IsIntact)
                log.LogWarning("verification {Number} of the ledger found {Count} differences", begun.Number, found.Differences.Count);
        }
        catch (Exception cause) when (cause is not OutOfMemoryException)
        {
            if (!_ended.IsCancellationRequested)
                log.LogWarning("verification {Number} of the ledger did not come to its end: {Reason}", begun.Number, cause.Message);
            ended = begun with
            {
                Status = VerificationStatus.Failed, Events = Interlocked.Read(ref _looked),
                Why = "It did not come to its end; the log of ldc says why.",
            };
        }
        lock (_lock)
            _kept[_kept.FindIndex(v => v.Number == begun.Number)] = ended with { Ended = time.GetUtcNow() };
    }

    private sealed class Looked(Verifications of) : IProgress<long>
    {
        public void Report(long value) => Interlocked.Exchange(ref of._looked, value);
    }
}
