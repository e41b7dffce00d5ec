using System.Text.Json;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>Rules from their file to the runs that they add to a study, on a private PostgreSQL and with the real engine.</summary>
public sealed class RulesVerbTests(FinishedStudy finished)
{
    [Fact]
    public async Task A_rule_is_defined_shown_replayed_compared_and_extends_a_study_by_what_it_lacks()
    {
        var (study, _) = await finished.CopyAsync();
        using var _ = study;
        var before = (await study.Ask("study", "show", "small", "--json")).Json;

        // A rule that puts another layer first than the study's own did: the one that weighs least for what it moved, by the median.
        File.WriteAllText(study["mine.yaml"], "name: mine\nmeasure: relative\nseeds: median\nties: other-group\n");
        var added = await study.Ask("rules", "add", "mine.yaml", "--json");
        Assert.True(added.Code == 0, added.Err);
        Assert.Equal(("mine@1", true), (Text(added.Json, "reference"), added.Json.GetProperty("is_new").GetBoolean()));
        File.WriteAllText(study["mine.yaml"], "name: mine\nmeasure: relative\ncombine: max\n");
        Assert.Equal("mine@2\n", (await study.Ask("rules", "add", "mine.yaml")).Out);
        var shown = await study.Ask("rules", "show", "mine@1");
        File.WriteAllText(study["again.yaml"], shown.Out);
        var again = await study.Ask("rules", "add", "again.yaml");
        Assert.Equal((0, "mine@1\n", "rule mine@1 says this already; nothing was added.\n"), (again.Code, again.Out, again.Err));
        Assert.Equal(["block-sum", "block-relative-mean", "component-frobenius", "mine@1", "mine@2"],
            (await study.Ask("rules", "list", "--json")).Json.EnumerateArray().Select(r => Text(r, "reference")));

        // Nothing is trained or changed by a replay.
        var replay = await study.Ask("rules", "replay", "mine", "mine@1", "block-sum", "small", "--out", "replayed", "--json");
        Assert.True(replay.Code == 0, replay.Err);
        var replayed = replay.Json.GetProperty("rules").EnumerateArray().ToList();
        Assert.Equal(["mine@2", "mine@1", "block-sum"], replayed.Select(r => Text(r, "reference")));
        Assert.Equal(before.GetProperty("root").GetString(), Text(replay.Json, "root"));
        Assert.True(JsonElement.DeepEquals(before.GetProperty("rankings"), replayed[2].GetProperty("rankings")));
        Assert.True(JsonElement.DeepEquals(before.GetProperty("perplexities"), replayed[2].GetProperty("perplexities")));
        Assert.True(File.Exists(study["replayed/tables/rankings.csv"]));
        Assert.True(File.Exists(study["replayed/figures/block-sum/fig_norm_tiny-llama_math.svg"]));
        Assert.Equal(replay.Out, File.ReadAllText(study["replayed/replay.json"]));
        Assert.Equal(File.ReadAllText(study["results/tables/norms.csv"]), File.ReadAllText(study["replayed/tables/block-sum/norms.csv"]));

        var diff = (await study.Ask("rules", "diff", "block-sum", "mine@1", "small", "--plan", "--json")).Json;
        var missing = diff.GetProperty("missing_runs").EnumerateArray().ToList();
        Assert.InRange(missing.Count, 1, 2);
        Assert.All(missing, run => Assert.True(run.GetProperty("seconds").GetDouble() > 0));
        // A group whose top layer is another is a run that is missing.
        var rankings = diff.GetProperty("rankings").EnumerateArray().ToList();
        Assert.Equal(missing.Count, rankings.Count(r => r.GetProperty("overlaps")[0].GetProperty("shared").GetInt32() == 0));
        Assert.All(rankings, r => Assert.InRange(r.GetProperty("tau_b").GetDouble(), -1, 1));

        var extended = await study.Ask("study", "extend", "small", "--rule", "mine@1", "--out", "extended");
        Assert.True(extended.Code == 0, extended.Err);
        Assert.Contains(
            $"is extended by rule mine@1: {missing.Count} new runs, {2 - missing.Count} that are there already", extended.Err,
            StringComparison.Ordinal);
        Assert.True(File.Exists(study["extended/report.pdf"]));
        Assert.True(File.Exists(study["extended/adapters/tiny-llama/math/top-1-mlp/adapter_model.safetensors"]));
        Assert.Equal(missing.Count, Directory.GetDirectories(study["extended/adapters/tiny-llama/math"], "top-1-*-layers-*").Length);
        var after = (await study.Ask("study", "show", "small", "--json")).Json;
        Assert.Equal("completed", Text(after.GetProperty("study"), "status"));
        Assert.Equal(before.GetProperty("runs").GetArrayLength() + missing.Count, after.GetProperty("runs").GetArrayLength());
        Assert.Equal("mine@1", Text(after.GetProperty("extensions")[0], "reference"));
        var twice = await study.Ask("study", "extend", "small", "--rule", "mine@1");
        Assert.Contains("nothing was added", twice.Err, StringComparison.Ordinal);
        Assert.Equal(0, (await study.Ask("ledger", "verify")).Code);

        // What cannot be is one sentence (the others: RuleNamesTests).
        var refused = await study.Ask("study", "extend", "small", "--rule", "mine@3");
        Assert.Equal((2, "", "ldc: rule mine has versions 1 to 2, not 3.\n"), (refused.Code, refused.Out, refused.Err));
    }

    [Fact]
    public async Task A_spec_names_a_rule_of_the_ledger_by_its_version_and_without_a_ledger_what_was_not_checked_is_said()
    {
        using var study = new SmallStudy("training: { epochs: 1, batch: 4, learning_rate: 3.0e-3 }");
        var spec = File.ReadAllText(study["study.yaml"]);
        File.WriteAllText(study["mine.yaml"], "name: mine\nepoch: 1\nseeds: max\n");
        File.WriteAllText(study["study.yaml"], spec.Replace("stage2: {", "stage2: { rule: mine@1,"));

        var without = await study.Ask("study", "validate", "study.yaml", "--json");
        Assert.True(without.Code == 0, without.Err);
        Assert.Equal(JsonValueKind.Null, without.Json.GetProperty("study_id").ValueKind);
        Assert.Contains("Not checked: rule mine@1, which is not built in", without.Err, StringComparison.Ordinal);

        Assert.Equal(0, (await study.Ask("rules", "add", "mine.yaml")).Code);
        var with = await study.Ask("study", "validate", "study.yaml", "--json");
        Assert.Equal("mine", Text(with.Json.GetProperty("rule"), "name"));
        Assert.Empty(with.Err);
        var run = await study.Ask("study", "run", "study.yaml", "--out", "results");
        Assert.True(run.Code == 0, run.Err);
        Assert.Contains($"study {Text(with.Json, "study_id")} submitted", run.Err, StringComparison.Ordinal);
        Assert.Contains("Top layers (mine@1)", run.Out, StringComparison.Ordinal);

        File.WriteAllText(study["study.yaml"], spec.Replace("stage2: {", "stage2: { rule: mine,"));
        var unversioned = await study.Ask("study", "run", "study.yaml");
        Assert.Equal(2, unversioned.Code);
        Assert.Contains("and with its version, such as mine@2, a rule of the ledger", unversioned.Err, StringComparison.Ordinal);
    }

    private static string Text(JsonElement of, string property) => of.GetProperty(property).GetString()!;
}
