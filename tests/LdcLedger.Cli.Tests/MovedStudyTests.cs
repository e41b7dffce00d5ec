using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>
/// A study goes on in another ledger, where its model and its corpus lie elsewhere: as if it had come from another machine.
/// </summary>
public sealed class MovedStudyTests
{
    [Fact]
    public async Task It_is_run_to_its_end_and_extended_from_where_model_and_corpus_lie_now()
    {
        using var here = new SmallStudy();
        using var there = new SmallStudy();
        CopyInputs(here);
        Assert.Equal(0, (await here.Ask("study", "run", "study.yaml", "--out", "results")).Code);
        var whole = (await here.Ask("study", "show", "small", "--json")).Json;
        // When stage 1 was planned, and nothing had been trained.
        Assert.Equal(0, (await here.Ask("ledger", "export", there["begun.jsonl"], "--study", "small", "--as-of", "3")).Code);
        Assert.Equal(0, (await here.Ask("ledger", "export", there["whole.jsonl"], "--study", "small")).Code);
        CopyInputs(there);
        Directory.Delete(here["inputs"], recursive: true);

        Assert.Equal(0, (await there.Ask("ledger", "import", "begun.jsonl")).Code);
        var run = await there.Ask("study", "run", "study.yaml", "--out", "results");
        Assert.True(run.Code == 0, run.Err);
        Assert.Contains("goes on where it stopped in the ledger that it came from", run.Err, StringComparison.Ordinal);
        Assert.Equal(here.Numbers("results"), there.Numbers("results"));
        Assert.Equal(
            File.ReadAllBytes(here["results/adapters/tiny-llama/math/all/adapter_config.json"]),
            File.ReadAllBytes(there["results/adapters/tiny-llama/math/all/adapter_config.json"]));

        // In a third ledger, the finished study is extended: its model and corpus are not where they were, and then named.
        var data = new Dictionary<string, string>(there.Settings) { ["LDC_DATA"] = there["third"] };
        Task<Call> Third(params string[] arguments) => there.With(data, arguments);
        File.WriteAllText(there["mine.yaml"], "name: mine\nmeasure: relative\ncombine: max\n");
        Assert.Equal(0, (await Third("ledger", "import", "whole.jsonl")).Code);
        Assert.Equal(0, (await Third("rules", "add", "mine.yaml")).Code);
        var diff = (await Third("rules", "diff", "block-sum", "mine", "small", "--json")).Json;
        var missing = diff.GetProperty("missing_runs").GetArrayLength();
        Assert.InRange(missing, 1, 2);
        var gone = await Third("study", "extend", "small", "--rule", "mine");
        Assert.Equal(2, gone.Code);
        Assert.Contains($"model tiny-llama at {here["inputs/tiny-llama"]}", gone.Err, StringComparison.Ordinal);
        Assert.Contains("--model and --domain say where they lie on this machine", gone.Err, StringComparison.Ordinal);
        var other = Path.Combine(Ldc.Repository, "infra/demo/models/tiny-gemma3");
        var wrong = await Third("study", "extend", "small", "--rule", "mine", "--model", $"tiny-llama={other}", "--domain",
            "math=inputs/math.jsonl");
        Assert.Equal(2, wrong.Code);
        Assert.Contains($"The weights at {other} changed since the study was submitted", wrong.Err, StringComparison.Ordinal);
        Assert.Equal(whole.GetProperty("root").GetString(),
            (await Third("study", "show", "small", "--json")).Json.GetProperty("root").GetString());   // nothing was recorded
        var extended = await Third(
            "study", "extend", "small", "--rule", "mine", "--model", "tiny-llama=inputs/tiny-llama", "--domain", "math=inputs/math.jsonl");
        Assert.True(extended.Code == 0, extended.Err);
        var after = (await Third("study", "show", "small", "--json")).Json;
        Assert.Equal(whole.GetProperty("runs").GetArrayLength() + missing, after.GetProperty("runs").GetArrayLength());
        Assert.All(after.GetProperty("runs").EnumerateArray(), r => Assert.Equal("completed", r.GetProperty("status").GetString()));
    }

    private static void CopyInputs(SmallStudy study)
    {
        var demo = Path.Combine(Ldc.Repository, "infra/demo");
        Directory.CreateDirectory(study["inputs/tiny-llama"]);
        foreach (var file in Directory.GetFiles(Path.Combine(demo, "models/tiny-llama")))
            File.Copy(file, Path.Combine(study["inputs/tiny-llama"], Path.GetFileName(file)));
        File.Copy(Path.Combine(demo, "domains/math.jsonl"), study["inputs/math.jsonl"]);
        File.WriteAllText(study["study.yaml"], File.ReadAllText(study["study.yaml"])
            .Replace(Path.Combine(demo, "models"), study["inputs"], StringComparison.Ordinal)
            .Replace(Path.Combine(demo, "domains"), study["inputs"], StringComparison.Ordinal));
    }
}
