using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>A study written by hand, taken into one ledger and from there into another; looked at as it stood before.</summary>
public sealed class LedgerFilesTests : IDisposable
{
    private static readonly string ByHand =
        Path.Combine(Ldc.Repository, "tests/LdcLedger.Ledger.Tests/Exchange/by-hand.jsonl");

    private readonly Ledgers _ledgers = new();

    public void Dispose() => _ledgers.Dispose();

    [Fact]
    public async Task A_study_by_hand_becomes_a_report_and_goes_on_to_another_ledger_byte_for_byte()
    {
        var imported = await In("here", "ledger", "import", "--unchained", ByHand, "--json");
        Assert.Equal(0, imported.Code);
        var (position, root) = (imported.Json[0].GetProperty("position").GetInt64(), imported.Json[0].GetProperty("root").GetString());

        var shown = await In("here", "study", "show", "by hand");
        Assert.Contains("at rest until `study run`", shown.Out, StringComparison.Ordinal);
        Assert.Contains("13.47", shown.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await In("here", "report", "build", "by hand", "--out", "report", "--format", "html")).Code);
        var report = await File.ReadAllTextAsync(_ledgers.Folder["report/report.html"], Cancellation);
        Assert.Contains("Preliminary: the study has not ended at this position", report, StringComparison.Ordinal);

        Assert.Equal(0, (await In("here", "ledger", "export", "study.jsonl", "--study", "by hand")).Code);
        Assert.Equal(0, (await In("there", "ledger", "import", "study.jsonl")).Code);
        var again = await In("there", "ledger", "export", "-");
        Assert.Equal(await File.ReadAllTextAsync(_ledgers.Folder["study.jsonl"], Cancellation), again.Out);
        Assert.Contains($"position {position}, root {root}", again.Err, StringComparison.Ordinal);

        // At position 9 the `all` run has completed, and the targeted one is not planned yet.
        var then = (await In("there", "study", "show", "by hand", "--as-of", "9", "--json")).Json;
        Assert.Equal((9, 2), (then.GetProperty("position").GetInt32(), then.GetProperty("runs").GetArrayLength()));
        var listed = await In("there", "study", "list", "--as-of", "2026-01-02T03:04:07Z");
        Assert.Contains("3 of 13, 2026-01-02T03:04:07.000000Z", listed.Out, StringComparison.Ordinal);
        var rankings = await In("there", "export", "rankings", "by hand", "--rule", "block-sum", "--as-of", "9");
        Assert.Equal(["block-sum,1,m,d,mlp,1,1,9.375,,", "block-sum,1,m,d,mlp,2,0,5.625,,"],
            rankings.Out.Split("\r\n").Where(line => line.Contains(",mlp,", StringComparison.Ordinal)).Take(2));
    }

    [Fact]
    public async Task What_cannot_be_is_told_in_a_sentence_before_a_ledger_is_begun()
    {
        _ledgers.Folder.Write("broken.jsonl", "{\"format\":\"ldcledger/1\"");
        (string[] Arguments, string Says)[] cases =
        [
            (["ledger", "import", "nowhere.jsonl"], "is not there"),
            (["ledger", "export", "/dev/null"], "/dev/null is a device"),
            (["ledger", "export", "."], ". is a folder"),
            (["ledger", "export", "no/such/folder.jsonl"], "is not there"),
            (["study", "list", "--as-of", "41"], "--as-of is 41, a position"),
            (["run", "list", "--as-of", "yesterday"], "'yesterday' is no moment"),
            (["export", "norms", "demo", "--out", "norms.xlsx"], ".csv and .parquet are known"),
        ];
        foreach (var (arguments, says) in cases)
        {
            var call = await In("nothing", arguments);
            Assert.Equal(2, call.Code);
            Assert.Contains(says, call.Err, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(_ledgers.Folder["nothing"]));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<Call> In(string ledger, params string[] arguments) => _ledgers.In(ledger, arguments);
}
