using System.Globalization;
using LdcLedger.Ledger.Tests.Seals;
using LdcLedger.Ledger.Verification;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Verification;

/// <summary>
/// Single edits at random, each in a transaction that is rolled back: all of them are found, with stream, version and field, and nothing
/// that nobody touched is told of. LDC_TEST_EDITS says how many (10000 take some minutes), LDC_TEST_SEED which.
/// </summary>
public sealed class RandomTamperingTests(SealedLedger ledger) : IClassFixture<SealedLedger>
{
    private const int AtOnce = 2;
    private static readonly int Edits = Setting("LDC_TEST_EDITS", 300);
    private static readonly int Seed = Setting("LDC_TEST_SEED", 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var chosen) ? chosen : usual;

    [Fact]
    public async Task Whatever_is_done_to_what_is_sealed_is_found_where_it_was_done_and_nowhere_else()
    {
        var edits = await RandomEdits.OfAsync(ledger, Cancellation);
        var kinds = new Dictionary<string, int>();
        List<string> problems = [];
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= Edits && !Cancellation.IsCancellationRequested)
            {
                var edit = edits.Next(new Random(Seed * 1_000_003 + number));
                var problem = await ProblemAsync(edit);
                lock (kinds)
                {
                    kinds[edit.Kind] = kinds.GetValueOrDefault(edit.Kind) + 1;
                    if (problem is not null)
                        problems.Add($"edit {number} of seed {Seed}, {edit.Kind}: {problem}\n  {edit.Sql}");
                }
            }
        }, Cancellation)));

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', kinds.OrderBy(k => k.Key).Select(k => $"{k.Value,6} {k.Key}")));
        Assert.True(problems.Count == 0, $"{problems.Count} of {Edits}:\n{string.Join('\n', problems.Take(12))}");
        Assert.Equal(Edits, kinds.Values.Sum());
        Assert.True(Edits < 600 || kinds.Count > 45, $"Only {kinds.Count} kinds of edits were tried.");
    }

    private async Task<string?> ProblemAsync(Edit edit)
    {
        try
        {
            var scope = new VerificationScope(Against: edit.NeedsCheckpoint ? ledger.Checkpoint : null, Keys: ledger.Keys.Trusted());
            return edit.Problem((await ledger.VerifyAfterAsync(edit.Sql, scope)).Differences);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.DeadlockDetected)
        {
            return await ProblemAsync(edit);   // the other one tampers with the same rows just now
        }
        catch (PostgresException refused)
        {
            return $"PostgreSQL does not take it: {refused.MessageText}";
        }
    }
}
