using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace LdcLedger.Cli.Tests;

public sealed class VerifyVerbTests : IDisposable
{
    private readonly Folder _tree = new();

    public void Dispose() => _tree.Dispose();

    /// <summary>A small tree of other names and another depth than the repository's, one case of each kind.</summary>
    private void Plant()
    {
        Copy("logits/llama-gqa-rope3-tied", "deep/er/my-logits");
        Copy("traces/llama-solo-mlp", "my-trace");
        Copy("tokenizers/gemma3-style", "words");
        Copy("shapes/gemma-3-1b", "deep/shape");
        Change("my-trace", golden => golden["model"] = "../deep/er/my-logits/model");
        _tree.Write("future/golden.json", """{ "kind": "dreams" }""");
    }

    private void Copy(string golden, string to)
    {
        var from = Path.Combine(Ldc.Repository, "tests/golden", golden);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = _tree[Path.Combine(to, Path.GetRelativePath(from, file))];
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private void Change(string golden, Action<JsonNode> change)
    {
        var path = _tree[Path.Combine(golden, "golden.json")];
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        change(root);
        File.WriteAllText(path, root.ToJsonString());
    }

    private Task<Call> Verify(string verb, params string[] options) => Ldc.Run([verb, "verify", "--golden", _tree.Path, .. options]);

    private static (int Passed, int Failed, int Unreadable, int Skipped) Counts(JsonElement json) =>
        (json.GetProperty("passed").GetInt32(), json.GetProperty("failed").GetInt32(), json.GetProperty("unreadable").GetInt32(),
            json.GetProperty("skipped").GetInt32());

    [Fact]
    public async Task A_tree_is_searched_for_the_kinds_of_the_verb_and_the_others_are_counted()
    {
        Plant();

        var (model, train) = (await Verify("model", "--json"), await Verify("train", "--json"));

        Assert.Equal((0, ""), (model.Code, model.Err));
        Assert.Equal((3, 0, 0, 2), Counts(model.Json));
        Assert.Equal(["deep/er/my-logits", "deep/shape", "words"],
            model.Json.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!).Order());
        Assert.Equal((0, ""), (train.Code, train.Err));
        Assert.Equal((1, 0, 0, 4), Counts(train.Json));
    }

    [Fact]
    public async Task A_single_case_is_a_tree_of_one()
    {
        Plant();

        var call = await Ldc.Run("model", "verify", "--golden", _tree["words"]);

        Assert.Equal((0, ""), (call.Code, call.Err));
        Assert.Contains("1 passed, 0 failed, 0 unreadable, 0 skipped", call.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_ends_with_1_and_is_shown_beside_what_passes()
    {
        Plant();
        Change("my-trace", golden => golden["expected"]!["steps"]![4]!["loss"] = 1.25);
        Change("deep/shape", golden => golden["expected"]!["kv_heads"] = 2);

        var (model, train) = (await Verify("model"), await Verify("train"));

        Assert.Equal((1, 1), (model.Code, train.Code));
        Assert.Contains("2 passed, 1 failed, 0 unreadable, 2 skipped", model.Out, StringComparison.Ordinal);
        Assert.Matches(@"kv_heads .*FAIL", model.Out);
        Assert.Matches(@"step 5 loss .*FAIL \(1 of 10\)", train.Out);
    }

    [Fact]
    public async Task A_case_that_cannot_be_read_ends_with_2_after_the_others_were_compared()
    {
        Plant();
        File.Delete(_tree["words/cases.jsonl"]);
        File.WriteAllText(_tree["my-trace/adapter_initial/adapter_config.json"], "{}");

        var (model, train) = (await Verify("model"), await Verify("train"));

        Assert.Equal((2, 2), (model.Code, train.Code));
        Assert.Contains("2 passed, 0 failed, 1 unreadable, 2 skipped", model.Out, StringComparison.Ordinal);
        Assert.Contains("cases.jsonl", model.Out, StringComparison.Ordinal);
        Assert.Contains(
            "peft_type is missing, but the kind of a PEFT adapter, such as \"LORA\", is needed", train.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_weighs_more_than_what_cannot_be_read()
    {
        Plant();
        File.Delete(_tree["words/cases.jsonl"]);
        Change("deep/shape", golden => golden["expected"]!["layers"] = 25);

        Assert.Equal(1, (await Verify("model")).Code);
    }

    [Theory]
    [InlineData("model", "my-trace", "holds only cases of kind trace; this verb compares shapes, logits, nf4, tokenizer.")]
    [InlineData("train", "deep", "holds only cases of kind logits, shapes; this verb compares trace, full-trace.")]
    [InlineData("train", "future", "holds only cases of kind dreams")]
    [InlineData("train", "my-trace/adapter_final", "holds no golden.json")]
    [InlineData("model", "nowhere", "is not a folder")]
    public async Task Where_nothing_matches_it_is_bad_input(string verb, string folder, string message)
    {
        Plant();

        var call = await Ldc.Run(verb, "verify", "--golden", _tree[folder]);

        Assert.Equal((2, ""), (call.Code, call.Out));
        Assert.Contains(message, call.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("r", "5", "has r 5, but its adapter_initial has rank 4 in model.layers.3.mlp.gate_proj")]
    [InlineData("layers", "[2]", "adapter_initial and target_modules (with layers) disagree about model.layers.2.mlp.down_proj")]
    [InlineData("layers", "[99]", "matches no projection of the model")]
    [InlineData("schedule", "\"constant\"", "schedule is constant; linear and cosine are allowed")]
    [InlineData("accumulation", "0", "accumulation is 0; 1 or more is allowed")]
    public async Task A_trace_that_contradicts_itself_says_where(string key, string value, string message)
    {
        Plant();
        Change("my-trace", golden => golden["hyper"]![key] = JsonNode.Parse(value));

        var call = await Ldc.Run("train", "verify", "--golden", _tree["my-trace"]);

        Assert.Equal((2, ""), (call.Code, call.Err));
        Assert.Contains(message, call.Out, StringComparison.Ordinal);
    }
}
