using System.Text.Json;
using Xunit;

namespace LdcLedger.Cli.Tests;

public sealed class StudyPlanTests
{
    private static readonly string TinyLlama = Path.Combine(Ldc.Repository, "infra/demo/models/tiny-llama");

    private static string Spec(string models, string domains, string rest = "") => $"models: [{models}]\ndomains: [{domains}]\n{rest}\n";

    private static Dictionary<string, JsonElement> ByName(JsonElement list, string key = "name") =>
        list.EnumerateArray().ToDictionary(e => e.GetProperty(key).GetString()!);

    [Fact]
    public async Task The_published_study_is_planned_where_neither_models_nor_corpora_are_there()
    {
        using var folder = new Folder();
        var spec = folder.Write("reference.yaml",
            await File.ReadAllTextAsync(Path.Combine(Ldc.Repository, "infra/study/reference.yaml"), TestContext.Current.CancellationToken));

        var call = await Ldc.Run("study", "plan", spec, "--json");

        Assert.Equal((1, ""), (call.Code, call.Err));
        var runs = call.Json.GetProperty("runs");
        Assert.Equal((24, 72, 96), (runs.GetProperty("baselines").GetInt32(), runs.GetProperty("stage1").GetInt32(),
            runs.GetProperty("stage2_at_most").GetInt32()));
        var models = ByName(call.Json.GetProperty("models"));
        Assert.Equal(
            new Dictionary<string, long>
            {
                ["llama-3.2-3b"] = 3_212_749_824, ["llama-3.2-1b"] = 1_235_814_400,
                ["gemma-3-4b"] = 3_880_263_168, ["gemma-3-1b"] = 999_885_952,
            },
            models.ToDictionary(m => m.Key, m => m.Value.GetProperty("parameters").GetInt64()));
        Assert.All(models, m => Assert.Equal($"published {m.Key}", m.Value.GetProperty("shape_from").GetString()));
        var tunings = ByName(models["llama-3.2-1b"].GetProperty("tunings"), "role");
        Assert.Equal(
            ["pretrained", "attention", "mlp", "all", "top-1-mlp", "top-1-attention", "top-3-mlp", "top-3-attention"], tunings.Keys);
        Assert.Equal(11_272_192, tunings["all"].GetProperty("trainable").GetInt64());
        Assert.InRange(tunings["all"].GetProperty("peak_bytes").GetInt64(), 2 * 1_235_814_400L, 20_000_000_000);
        Assert.Equal(JsonValueKind.Null, call.Json.GetProperty("trained_tokens").ValueKind);
        Assert.Equal(
            [.. ((string[])["Llama-3.2-3B", "Llama-3.2-1B", "gemma-3-4b-pt", "gemma-3-1b-pt"]).Select(m => folder[$"models/{m}"]),
             .. ((string[])["cpp", "python", "math", "science", "finance", "medical"]).Select(d => folder[$"domains/{d}.jsonl"])],
            call.Json.GetProperty("missing").EnumerateArray().Select(m => m.GetProperty("place").GetString()!));
    }

    [Fact]
    public async Task A_plan_reads_as_text_and_says_what_was_measured()
    {
        var call = await Ldc.Run("study", "plan", "infra/demo/study.yaml");

        Assert.Equal((0, ""), (call.Code, call.Err));
        Assert.Contains("12 baselines, 36 in stage 1 (attention, mlp, all), at most 48 in stage 2", call.Out, StringComparison.Ordinal);
        Assert.Matches(
            @"cpu, \d+ cores?; measured: \d+ GFLOP/s in 3 steps of 512 tokens through 8 random layers of tiny-gemma3 on 1 thread; "
            + @"\d+ GFLOP/s", call.Out);
        Assert.Contains("Nothing is missing.", call.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("unknown", call.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_is_counted_to_the_token()
    {
        var call = await Ldc.Run("study", "plan", "infra/demo/study.yaml", "--json");

        Assert.Equal(0, call.Code);
        var tokens = call.Json.GetProperty("tokens").EnumerateArray().ToList();
        Assert.Equal(12, tokens.Count);
        Assert.All(tokens, t => Assert.True(t.GetProperty("exact").GetBoolean()));
        Assert.All(tokens, t => Assert.InRange(t.GetProperty("per_epoch").GetInt64(), 14_500, 16_384));
        Assert.All(tokens, t => Assert.Equal(64, t.GetProperty("rows").GetInt64()));
        // Two epochs, three regimes and four targeted runs of every cell; per_epoch is the mean of the two.
        Assert.Equal(2.0 * 7 * tokens.Sum(t => t.GetProperty("per_epoch").GetInt64()), call.Json.GetProperty("trained_tokens").GetInt64(),
            7.0 * tokens.Count);
        var tunings = call.Json.GetProperty("models").EnumerateArray().SelectMany(m => m.GetProperty("tunings").EnumerateArray()).ToList();
        Assert.Equal(4 * tunings.Sum(t => t.GetProperty("trainable").GetInt64() * t.GetProperty("runs").GetInt64()),
            call.Json.GetProperty("adapter_bytes").GetInt64());
        Assert.True(call.Json.GetProperty("seconds_at_most").GetDouble() > 0);
        Assert.Empty(call.Json.GetProperty("missing").EnumerateArray());
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cpu:torch")]
    public async Task Whether_the_runs_that_train_side_by_side_fit_the_device_is_said(string device)
    {
        var text = await Ldc.Run("study", "plan", "infra/demo/study.yaml", "--device", device);
        var json = (await Ldc.Run("study", "plan", "infra/demo/study.yaml", "--device", device, "--json")).Json;

        Assert.Equal((0, ""), (text.Code, text.Err));
        Assert.Matches(
            @"\nmemory +enough: (\d+ runs side by side, the largest )?\w.* on tiny-\w+,? with the corpora needs? \d.* of the \d.* "
            + @"that this machine gives\n",
            text.Out);
        // Both of its models are small: a run on every core.
        var runs = json.GetProperty("models").EnumerateArray().SelectMany(model => model.GetProperty("tunings").EnumerateArray()
            .Where(tuning => tuning.GetProperty("memory").ValueKind != JsonValueKind.Null)
            .SelectMany(tuning => Enumerable.Repeat(tuning.GetProperty("memory"), tuning.GetProperty("runs").GetInt32()))).ToList();
        var largest = runs.Select(of => of.GetProperty("run_bytes").GetInt64()).OrderDescending()
            .Take(Environment.ProcessorCount).ToList();
        var bases = runs.Select(of => of.GetProperty("base_bytes").GetInt64()).Distinct().OrderDescending().Take(largest.Count).ToList();
        var memory = json.GetProperty("memory_at_a_time");
        Assert.Equal(largest.Count, memory.GetProperty("runs").GetInt32());
        if (largest.Count > 1)
            Assert.Equal(largest.Sum() + bases.Sum() + json.GetProperty("corpora").GetProperty("memory_bytes").GetInt64(),
                memory.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task For_a_device_of_another_machine_memory_is_reckoned_and_times_are_not()
    {
        var text = await Ldc.Run("study", "plan", "infra/demo/study.yaml", "--device", "cuda:63");
        var json = await Ldc.Run("study", "plan", "infra/demo/study.yaml", "--device", "cuda:63", "--json");

        Assert.Equal((0, 0), (text.Code, json.Code));
        Assert.Matches(@"^device is cuda:63, but .*\. Memory is reckoned all the same, times are not\.\n$", text.Err);
        Assert.Matches(@"\nmemory +\w.* on tiny-\w+ needs \d.*; what cuda:63 has is unknown here\n", text.Out);
        Assert.Contains("unknown, since cuda:63 is not on this machine", text.Out, StringComparison.Ordinal);
        var two = await Ldc.Run("study", "plan", "infra/demo/study.yaml", "--device", "cuda:62,cuda:63", "--json");
        long Checkpoints(Call call) => call.Json.GetProperty("checkpoint_bytes_at_a_time").GetInt64();
        Assert.Equal(2 * Checkpoints(json), Checkpoints(two));
        Assert.Equal(
            json.Json.GetProperty("memory_at_a_time").GetRawText(), two.Json.GetProperty("memory_at_a_time").GetRawText());
        Assert.Equal(1, json.Json.GetProperty("memory_at_a_time").GetProperty("runs").GetInt32());
        Assert.Equal(JsonValueKind.Null, json.Json.GetProperty("seconds_at_most").ValueKind);
    }

    [Fact]
    public async Task Of_a_model_that_is_partly_there_the_files_that_lack_are_named()
    {
        using var folder = new Folder();
        folder.Write(
            "tiny/config.json", await File.ReadAllTextAsync(Path.Combine(TinyLlama, "config.json"), TestContext.Current.CancellationToken));
        folder.Write("corpus.jsonl", "{\"text\": \"one\"}\n{\"text\": \"two\"}\n");
        var spec = folder.Write(
            "study.yaml", Spec("{ name: tiny, path: tiny }, { name: mine, path: mine }", "{ name: d, path: corpus.jsonl }"));

        var call = await Ldc.Run("study", "plan", spec, "--json");
        var text = await Ldc.Run("study", "plan", spec);

        Assert.Equal((1, 1), (call.Code, text.Code));
        var models = ByName(call.Json.GetProperty("models"));
        Assert.Equal(("config.json", 1_640_576),
            (models["tiny"].GetProperty("shape_from").GetString(), models["tiny"].GetProperty("parameters").GetInt64()));
        Assert.Equal(("unknown", JsonValueKind.Null),
            (models["mine"].GetProperty("shape_from").GetString(), models["mine"].GetProperty("tunings").ValueKind));
        Assert.Equal([folder["tiny/tokenizer.json"], folder["tiny/model.safetensors"], folder["mine"]],
            call.Json.GetProperty("missing").EnumerateArray().Select(m => m.GetProperty("place").GetString()!));
        Assert.Contains(folder["tiny/tokenizer.json"], text.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_corpus_is_estimated_from_a_part_of_it()
    {
        using var folder = new Folder();
        const int small = 1500;
        foreach (var (name, records) in ((string, int)[])[("small", small), ("large", 8 * small)])
            folder.Write($"{name}.jsonl", string.Concat(Enumerable.Range(0, records).Select(i =>
                $"{{\"text\": \"Record {i}: "
                    + $"{string.Join(' ', Enumerable.Range(0, 40 + 20 * (i % 3)).Select(w => (w * 7919 + i) % 1000))}\"}}\n")));
        var spec = folder.Write("study.yaml", Spec(
            $"{{ name: tiny, path: {TinyLlama} }}", "{ name: small, path: small.jsonl }, { name: large, path: large.jsonl }"));

        var call = await Ldc.Run("study", "plan", spec, "--json");

        Assert.Equal((0, ""), (call.Code, call.Err));
        var tokens = ByName(call.Json.GetProperty("tokens"), "domain");
        Assert.Equal((true, false), (tokens["small"].GetProperty("exact").GetBoolean(), tokens["large"].GetProperty("exact").GetBoolean()));
        Assert.Equal(
            8, tokens["large"].GetProperty("per_epoch").GetInt64() / (double)tokens["small"].GetProperty("per_epoch").GetInt64(), 0.4);
        Assert.Equal(8, tokens["large"].GetProperty("held_out_rows").GetInt64()
            / (double)tokens["small"].GetProperty("held_out_rows").GetInt64(), 1.6);
    }

    [Theory]
    [InlineData("lora: { rank: 513 }", "", "lora.rank is 513, above min(in, out) = 512")]
    [InlineData("stage2: { top: [17] }", "", "stage2.top has 17, but model llama-3.2-1b has 16 layers")]
    [InlineData("", "--device tpu", "device is tpu; cpu, cpu:torch, cuda and cuda:N are allowed.")]
    [InlineData("", "--device cuda:x", "device is cuda:x; cpu, cpu:torch, cuda and cuda:N are allowed.")]
    public async Task What_can_never_run_is_bad_input_also_where_the_model_is_missing(string rest, string options, string message)
    {
        using var folder = new Folder();
        var spec = folder.Write("study.yaml", Spec("{ name: llama-3.2-1b, path: models/llama }", "{ name: d, path: d.jsonl }", rest));

        var call = await Ldc.Run(["study", "plan", spec, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal((2, ""), (call.Code, call.Out));
        Assert.Contains(message, call.Err, StringComparison.Ordinal);
    }
}
