using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Bench.Ledgers;

/// <summary>
/// How long a large ledger takes to verify: every hash, every link, the order, the trees, the seals. Sealed first, which reads and checks
/// everything once; a second seal and a proof show that they take a few rows of a tree, however large it is.
/// </summary>
/// <param name="store">A ledger with events.</param>
public sealed class VerifyBench(LedgerStore store, TimeProvider time)
{
    /// <summary>Of a million events, on two cores.</summary>
    public const double TargetSeconds = 30;

    private const double Million = 1e6;

    /// <param name="rounds">Whole verifications; the median counts.</param>
    public async Task<Measurement> RunAsync(int rounds, CancellationToken cancellation = default)
    {
        var folder = Directory.CreateTempSubdirectory("ldc-bench-key-").FullName;
        try
        {
            var (keys, writer) = (new SealKeys(folder, null), new LedgerWriter(store, time));
            var sealing = new Sealing(store, writer, keys, time);
            var first = await TimeAsync(() => sealing.SealAsync(cancellation));
            var rule = new AggregationRuleDefined(AggregationRule.BlockSum with { Name = "bench" });
            await writer.RecordAsync([rule], cancellation: cancellation);
            var second = await TimeAsync(() => sealing.SealAsync(cancellation));
            var proof = await TimeAsync(() =>
                new Proving(store, time).ProveAsync(Domain.Events.EventIds.Of(rule).ToString(), cancellation));
            var (events, seconds) = (0L, new List<double>());
            for (var round = 0; round < rounds; round++)
                seconds.Add(await TimeAsync(async () =>
                {
                    var verified = await ChainVerification.OfAsync(store, new(Keys: keys.Trusted()), cancellation);
                    if (!verified.IsIntact)
                        throw new InvalidOperationException($"The bench's ledger is not what was recorded: {verified.Differences[0]}.");
                    events = verified.Events;
                }));
            var median = Sample.Median(seconds);
            return new("verify", "time to verify a million events, all of everything", median * Million / events, "s", TargetSeconds, false,
                new Dictionary<string, double>
                {
                    ["events"] = events, ["seconds"] = median, ["events_per_second"] = events / median, ["first_seal_seconds"] = first,
                    ["next_seal_ms"] = second * 1_000, ["proof_ms"] = proof * 1_000,
                });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<double> TimeAsync(Func<Task> what)
    {
        var begun = time.GetTimestamp();
        await what();
        return time.GetElapsedTime(begun).TotalSeconds;
    }
}
