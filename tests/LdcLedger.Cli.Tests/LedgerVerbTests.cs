using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>A finished study is sealed; its seal, and proofs out of it, are files that others can judge.</summary>
public sealed class LedgerVerbTests(FinishedStudy finished)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_finished_study_is_sealed_and_its_events_are_proved_and_checked_elsewhere()
    {
        var (study, run) = await finished.CopyAsync();
        using var _ = study;
        Assert.Matches("Seals are signed with a new key, [0-9a-f]{8}: .*seal-key.pem", run.Err);
        Assert.Contains("does not last", run.Err, StringComparison.Ordinal);   // it is in a temporary folder
        Assert.Matches("sealed: [0-9]+ events under root [0-9a-f]{64}", run.Err);

        // Nothing has come since: the same checkpoint, into a file.
        var sealing = await study.Ask("ledger", "seal", "--out", "checkpoint.txt", "--json");
        Assert.Equal(0, sealing.Code);
        Assert.False(sealing.Json.GetProperty("is_new").GetBoolean());
        Assert.Equal(sealing.Json.GetProperty("checkpoint").GetString(), await File.ReadAllTextAsync(study["checkpoint.txt"], Cancelled));
        var verified = await study.Ask("ledger", "verify", "--against", "checkpoint.txt", "--key", "data/seal-key.pub.pem", "--json");
        Assert.True(verified.Code == 0, verified.Out + verified.Err);
        Assert.Equal(0, verified.Json.GetProperty("differences").GetArrayLength());
        Assert.Equal(
            sealing.Json.GetProperty("position").GetInt64(), verified.Json.GetProperty("sealed").GetProperty("position").GetInt64());

        var shown = await study.Ask("run", "list", "--study", "small", "--json");
        var history = await study.Ask("run", "show", shown.Json[0].GetProperty("id").GetString()!, "--json");
        var last = history.Json.GetProperty("events").EnumerateArray().Last();
        Assert.Equal(0, (await study.Ask("ledger", "prove", last.GetProperty("id").GetString()!, "--out", "proof.json")).Code);
        var proof = await File.ReadAllTextAsync(study["proof.json"], Cancelled);
        Assert.Equal(last.GetProperty("chain").GetString(),
            JsonDocument.Parse(proof).RootElement.GetProperty("event").GetProperty("chain").GetString());

        // Elsewhere: no ledger, and no key but the one that was given out.
        var key = study["data/seal-key.pub.pem"];
        var checkedThere = await ElsewhereAsync("ledger", "check-proof", study["proof.json"], "--key", key);
        Assert.True(checkedThere.Code == 0, checkedThere.Err);
        Assert.Contains("run_completed", checkedThere.Out, StringComparison.Ordinal);
        Assert.Contains("signed with key", checkedThere.Out, StringComparison.Ordinal);
        await RefusedAsync(2, "no key is known here", "ledger", "check-proof", study["proof.json"]);

        await File.WriteAllTextAsync(study["edited.json"], Regex.Replace(proof, "\"seconds\":[0-9.e-]+", "\"seconds\":7"), Cancelled);
        await RefusedAsync(1, "does not hold: the event's chain hash does not follow", "ledger", "check-proof", study["edited.json"],
            "--key", key);
        await File.WriteAllTextAsync(study["cut.json"], proof[..^40], Cancelled);
        await RefusedAsync(2, "is no proof: it is no JSON document", "ledger", "check-proof", study["cut.json"], "--key", key);
        await File.WriteAllTextAsync(study["foreign.pem"], ForeignKey, Cancelled);
        await RefusedAsync(1, "and not with", "ledger", "check-proof", study["proof.json"], "--key", study["foreign.pem"]);
        var foreign = await study.Ask("ledger", "verify", "--against", "checkpoint.txt", "--key", "foreign.pem");
        Assert.Equal((2, ""), (foreign.Code, foreign.Out));
        Assert.Contains("checkpoint.txt is signed with key", foreign.Err, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            study["cut.txt"], (await File.ReadAllTextAsync(study["checkpoint.txt"], Cancelled))[..80], Cancelled);
        await RefusedAsync(2, "is no checkpoint: ", "ledger", "verify", "--against", study["cut.txt"]);
        await File.WriteAllTextAsync(study["other.txt"], Regex.Replace(
            await File.ReadAllTextAsync(study["checkpoint.txt"], Cancelled), "ldcledger/[0-9a-f-]+",
            "ldcledger/00000000-0000-0000-0000-000000000001"), Cancelled);
        var other = await study.Ask("ledger", "verify", "--against", "other.txt");
        Assert.Equal((2, ""), (other.Code, other.Out));
        Assert.Contains("is a checkpoint of ldcledger/00000000-0000-0000-0000-000000000001, and this ledger is", other.Err,
            StringComparison.Ordinal);
        // Without the key, all but the signatures can be judged.
        File.Delete(study["data/seal-key.pem"]);
        File.Delete(study["data/seal-key.pub.pem"]);
        var keyless = await study.Ask("ledger", "verify");
        Assert.Equal(0, keyless.Code);
        Assert.Contains("signatures were not checked", keyless.Out, StringComparison.Ordinal);
    }

    private static Task<Call> ElsewhereAsync(params string[] arguments) =>
        Ldc.RunIn(Ldc.Repository, new Dictionary<string, string> { ["LDC_DATA"] = "/nowhere", ["LDC_SEAL_KEY"] = "" }, arguments);

    private static async Task RefusedAsync(int code, string sentence, params string[] arguments)
    {
        var call = await ElsewhereAsync(arguments);
        Assert.Equal(code, call.Code);
        Assert.Contains(sentence, call.Out + call.Err, StringComparison.Ordinal);
        Assert.Single((call.Out + call.Err).TrimEnd('\n').Split('\n'));
    }

    private const string ForeignKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYPISEHJBPtQPsbuTlrTyifXmDHBr
        aE/2Sl05ma0usCFmH+3DctnZ6yz4k69NmrhpMJnxJL2w8Cr1yLtoOGZwLA==
        -----END PUBLIC KEY-----
        """;
}
