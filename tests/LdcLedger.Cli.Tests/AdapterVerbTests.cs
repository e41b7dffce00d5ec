using System.Text.Json;
using LdcLedger.Torch.Safetensors;
using Xunit;

namespace LdcLedger.Cli.Tests;

public sealed class AdapterVerbTests
{
    private static string Trace(string name) => Path.Combine(Ldc.Repository, "tests/golden/traces", name);

    private static string BaseOf(string trace, JsonElement golden) =>
        Path.GetFullPath(Path.Combine(Trace(trace), golden.GetProperty("model").GetString()!));

    public static TheoryData<string> Traces =>
        [.. Directory.GetDirectories(Path.Combine(Ldc.Repository, "tests/golden/traces")).Select(folder =>
            Path.GetFileName(folder)!).Order()];

    [Theory]
    [MemberData(nameof(Traces))]
    public async Task Inspect_gives_the_norms_that_were_recorded_with_an_adapter_of_PEFT(string trace)
    {
        var golden = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(Trace(trace), "golden.json"), TestContext.Current.CancellationToken)).RootElement;

        var call = await Ldc.Run(
            "adapter", "inspect", Path.Combine(Trace(trace), "adapter_final"), "--base", BaseOf(trace, golden), "--json");

        Assert.Equal((0, ""), (call.Code, call.Err));
        var hyper = golden.GetProperty("hyper");
        Assert.Equal(hyper.GetProperty("r").GetInt32(), call.Json.GetProperty("rank").GetInt32());
        Assert.Equal(hyper.GetProperty("alpha").GetDouble(), call.Json.GetProperty("alpha").GetDouble());
        var modules = call.Json.GetProperty("modules").EnumerateArray().ToDictionary(m => m.GetProperty("module").GetString()!);
        var expected = golden.GetProperty("expected").GetProperty("norms").EnumerateArray().ToList();
        Assert.Equal(expected.Count, modules.Count);
        foreach (var norm in expected)
        {
            // Older transformers keep the text tower of a multimodal model under another name.
            var module = modules[norm.GetProperty("module").GetString()!.Replace(
                "language_model.model.", "model.language_model.", StringComparison.Ordinal)];
            Assert.Equal(1, module.GetProperty("delta_frobenius").GetDouble() / norm.GetProperty("delta_fro").GetDouble(), 1e-6);
            Assert.Equal(1, module.GetProperty("base_frobenius").GetDouble() / norm.GetProperty("base_fro").GetDouble(), 1e-6);
        }
        foreach (var layer in call.Json.GetProperty("layers").EnumerateArray())
        {
            var of = modules.Values.Where(m => m.GetProperty("layer").GetInt32() == layer.GetProperty("layer").GetInt32()).ToList();
            Assert.Equal(of.Sum(m => m.GetProperty("delta_frobenius").GetDouble()),
                layer.GetProperty("all").GetProperty("delta_frobenius").GetDouble(), 1e-12);
            Assert.Equal(of.Average(m => m.GetProperty("relative").GetDouble()),
                layer.GetProperty("all").GetProperty("relative").GetDouble(), 1e-12);
        }
    }

    [Fact]
    public async Task Inspect_without_the_base_shows_the_updates_alone()
    {
        var call = await Ldc.Run("adapter", "inspect", Path.Combine(Trace("gemma3-multimodal-ensemble-mlp"), "adapter_final"));

        Assert.Equal(0, call.Code);
        Assert.Contains("gate_proj, up_proj, down_proj of layers 1, 4, 6", call.Out, StringComparison.Ordinal);
        Assert.Contains("model.language_model.layers.4.mlp.up_proj", call.Out, StringComparison.Ordinal);
        Assert.Contains("||dW||_F", call.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("||W||_F", call.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_shows_the_scale_as_it_is_and_what_is_beside_the_factors()
    {
        using var folder = new Folder();
        Foreign(folder, "lora", """{"peft_type":"LORA","r":4,"lora_alpha":8,"use_rslora":true,"modules_to_save":["lm_head"]}""");

        var call = await Ldc.Run("adapter", "inspect", folder["lora"]);
        var json = (await Ldc.Run("adapter", "inspect", folder["lora"], "--json")).Json;

        Assert.Equal((0, ""), (call.Code, call.Err));
        Assert.Contains("alpha      8, rank-stabilised, so an update is 4 B A\n", call.Out, StringComparison.Ordinal);
        Assert.Contains("also       whole weights (1): lm_head.weight [3, 2]\n", call.Out, StringComparison.Ordinal);
        Assert.Contains("no merge   modules_to_save is [\"lm_head\"]", call.Out, StringComparison.Ordinal);
        Assert.Equal((8, 4, true), (json.GetProperty("alpha").GetDouble(), json.GetProperty("scale").GetDouble(),
            json.GetProperty("rank_stabilised").GetBoolean()));
        Assert.Equal(json.GetProperty("modules")[0].GetProperty("delta_frobenius").GetDouble(),
            json.GetProperty("layers")[0].GetProperty("all").GetProperty("delta_frobenius").GetDouble());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("layers")[0].GetProperty("mlp").ValueKind);
        var also = Assert.Single(json.GetProperty("also").EnumerateArray().ToList());
        Assert.Equal("whole_weight", also.GetProperty("kind").GetString());
        Assert.Equal("lm_head.weight", also.GetProperty("tensors")[0].GetProperty("name").GetString());
        Assert.Equal(2, json.GetProperty("not_merged").GetArrayLength());
    }

    [Theory]
    [InlineData("inspect {0}")]
    [InlineData("merge {0} --base tests/golden/logits/llama-bf16/model --out {1}")]
    public async Task An_adapter_that_changed_its_base_ends_with_2_and_one_line_that_says_what_to_do(string line)
    {
        using var folder = new Folder();
        Foreign(folder, "pissa", """{"peft_type":"LORA","r":4,"lora_alpha":8,"init_lora_weights":"pissa_niter_4"}""");

        var call = await Ldc.Run(["adapter", .. string.Format(null, line, folder["pissa"], folder["merged"]).Split(' ')]);

        Assert.Equal((2, ""), (call.Code, call.Out));
        Assert.StartsWith("ldc: ", call.Err, StringComparison.Ordinal);
        Assert.Single(call.Err.TrimEnd('\n').Split('\n'));
        Assert.Contains("path_initial_model_for_weight_conversion", call.Err, StringComparison.Ordinal);
        Assert.False(Path.Exists(folder["merged"]));
    }

    /// <summary>q_proj of layer 0, rank 4, of somebody's tiny model, and its output head beside.</summary>
    private static void Foreign(Folder folder, string name, string config)
    {
        folder.Write($"{name}/adapter_config.json", config);
        SafetensorsWriter.Write(folder[$"{name}/adapter_model.safetensors"],
        [
            new("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", [4, 2], new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }),
            new("base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight", [1, 4], new float[] { 1, -1, 2, 0.5f }),
            new("base_model.model.lm_head.weight", [3, 2], new float[6]),
        ]);
    }

    [Fact]
    public async Task Merge_writes_a_checkpoint_that_is_the_base_moved_by_the_adapter()
    {
        using var folder = new Folder();
        var (adapter, model) = (Path.Combine(Trace("llama-solo-mlp"), "adapter_final"),
            Path.Combine(Ldc.Repository, "tests/golden/logits/llama-gqa-rope3-tied/model"));

        var merge = await Ldc.Run("adapter", "merge", adapter, "--base", model, "--out", folder["deeper/merged"]);

        Assert.Equal((0, folder["deeper/merged"]), (merge.Code, merge.Out.Trim()));
        Assert.Equal((await Ldc.Run("model", "inspect", model, "--json")).Json.GetProperty("parameters").GetInt64(),
            (await Ldc.Run("model", "inspect", folder["deeper/merged"], "--json")).Json.GetProperty("parameters").GetInt64());
        // ||W + dW||_F stays within ||W||_F -+ ||dW||_F and is not ||W||_F.
        var (before, after) = (await Norms(model), await Norms(folder["deeper/merged"]));
        Assert.All(before.Zip(after), pair =>
        {
            Assert.NotEqual(pair.First.Base, pair.Second.Base);
            Assert.InRange(pair.Second.Base, pair.First.Base - pair.First.Delta, pair.First.Base + pair.First.Delta);
        });
        Assert.Equal(3, before.Count);

        async Task<List<(double Delta, double Base)>> Norms(string weights) =>
            [.. (await Ldc.Run("adapter", "inspect", adapter, "--base", weights, "--json")).Json.GetProperty("modules").EnumerateArray()
                .Select(m => (m.GetProperty("delta_frobenius").GetDouble(), m.GetProperty("base_frobenius").GetDouble()))];
    }

    [Fact]
    public async Task Merge_never_writes_into_a_folder_that_exists()
    {
        using var folder = new Folder();
        var mine = folder.Write("mine/config.json", "mine");

        var call = await Ldc.Run("adapter", "merge", Path.Combine(Trace("llama-solo-mlp"), "adapter_final"), "--base",
            "tests/golden/logits/llama-gqa-rope3-tied/model", "--out", folder["mine"]);

        Assert.Equal((2, ""), (call.Code, call.Out));
        Assert.Contains("already exists", call.Err, StringComparison.Ordinal);
        Assert.Equal(["mine"], await File.ReadAllLinesAsync(mine, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("inspect {0} --base tests/golden/logits/llama-bf16/model")]
    [InlineData("merge {0} --base tests/golden/logits/llama-bf16/model --out {1}")]
    public async Task An_adapter_of_another_base_ends_with_2_and_the_first_tensor_with_both_shapes(string line)
    {
        using var folder = new Folder();

        var call = await Ldc.Run(
            ["adapter", .. string.Format(null, line, "tests/golden/traces/llama-attention/adapter_final", folder["merged"]).Split(' ')]);

        Assert.Equal((2, ""), (call.Code, call.Out));
        Assert.Equal("ldc: The adapter does not match the base: its model.layers.0.self_attn.q_proj.lora_A.weight is [4, 64], "
            + "which does not fit the base's model.layers.0.self_attn.q_proj.weight [128, 96].", call.Err.Trim());
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("inspect /nowhere", "There is no adapter_config.json in \"/nowhere\"")]
    [InlineData("inspect tests/golden/traces/llama-all/adapter_final --base /nowhere", "/nowhere is not there.")]
    [InlineData("merge tests/golden/traces/llama-all/adapter_final --base tests/golden/logits/llama-gqa-rope3-tied/model",
        "Option '--out' is required.")]
    [InlineData("merge tests/golden/traces/llama-all/adapter_final --out new", "Option '--base' is required.")]
    [InlineData("inspect", "ldc adapter inspect needs its argument DIR.")]
    public async Task What_is_missing_is_said_in_one_sentence(string line, string message)
    {
        var call = await Ldc.Run(["adapter", .. line.Split(' ')]);

        Assert.Equal((2, ""), (call.Code, call.Out));
        Assert.Contains(message, call.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", call.Err, StringComparison.Ordinal);
    }
}
