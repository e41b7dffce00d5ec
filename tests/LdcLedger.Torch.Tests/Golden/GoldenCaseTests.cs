using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LdcLedger.Torch.Golden;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Golden;

public sealed class GoldenCaseTests
{
    public static TheoryData<string> Cases() => Cases(_ => true);

    public static TheoryData<string> ComputedCases() => Cases(IsComputed);

    private static bool IsComputed(string kind) => kind is "logits" or "nf4" or "trace" or "full-trace";

    private static TheoryData<string> Cases(Func<string, bool> wanted)
    {
        var data = new TheoryData<string>();
        foreach (var golden in GoldenCases.Find(RepositoryFiles.Golden()).Where(golden => wanted(golden.Kind)))
            data.Add(Path.GetRelativePath(RepositoryFiles.Golden(), golden.Directory));
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_number_is_the_references(string directory)
    {
        var golden = Assert.Single(GoldenCases.Find(RepositoryFiles.Golden(directory)));

        var checks = GoldenCases.Verify(golden);

        Assert.NotEmpty(checks);
        Assert.All(checks, check => Assert.True(check.Pass,
            string.Create(CultureInfo.InvariantCulture, $"{check.Tensor}: {check.Error:E1}, allowed {check.Tolerance:E1}")));
    }

    /// <summary>What runs on CUDA, here on the CPU.</summary>
    [Theory]
    [MemberData(nameof(ComputedCases))]
    public void Every_number_is_the_references_in_ATen_too(string directory)
    {
        var golden = Assert.Single(GoldenCases.Find(RepositoryFiles.Golden(directory)));

        var checks = GoldenCases.Verify(golden, "cpu:torch");

        Assert.All(checks, check => Assert.True(check.Pass,
            string.Create(CultureInfo.InvariantCulture, $"{check.Tensor}: {check.Error:E1}, allowed {check.Tolerance:E1}")));
    }

    [Fact]
    public void Every_number_is_the_references_on_CUDA_too()
    {
        Assert.SkipUnless(TorchRuntime.CudaDevices > 0, "This needs a CUDA device, and a build with -p:TorchBackend=cuda or LDC_LIBTORCH.");
        foreach (var golden in GoldenCases.Find(RepositoryFiles.Golden()).Where(golden => IsComputed(golden.Kind)))
            Assert.All(GoldenCases.Verify(golden, "cuda:0"), check => Assert.True(
                check.Pass,
                string.Create(CultureInfo.InvariantCulture,
                $"{golden.Directory}, {check.Tensor}: {check.Error:E1}, allowed {check.Tolerance:E1}")));
    }

    [Fact]
    public void All_kinds_are_there()
    {
        var kinds = GoldenCases.Find(RepositoryFiles.Golden())
            .GroupBy(golden => golden.Kind).ToDictionary(group => group.Key, group => group.Count());

        Assert.Equal(
            new Dictionary<string, int>
            {
                ["full-trace"] = 1, ["logits"] = 9, ["nf4"] = 2, ["shapes"] = 4, ["tokenizer"] = 3, ["trace"] = 14,
            },
            kinds.OrderBy(k => k.Key).ToDictionary());
    }

    [Theory]
    [InlineData("logits/llama-gqa-rope3-tied", "rms_norm_eps", "0.001", "hidden_states.1")]
    [InlineData("logits/llama-gqa-rope3-tied", "rope_scaling.factor", "4.0", "hidden_states.1")]
    [InlineData("logits/llama-mha-untied-sharded", "rope_parameters.rope_theta", "20000.0", "logits")]
    [InlineData("logits/llama-mha-untied-sharded", "rms_norm_eps", "0.001", "logits")]
    [InlineData("logits/gemma3-text", "sliding_window", "17", "logits")]
    [InlineData("logits/gemma3-text", "query_pre_attn_scalar", "32", "nll")]
    [InlineData("logits/gemma3-text", "rope_local_base_freq", "20000", "hidden_states.1")]
    [InlineData("logits/gemma3-text", "sliding_window_pattern", "3", "hidden_states.3")]
    [InlineData("logits/gemma3-multimodal", "text_config.rope_scaling.factor", "4.0", "hidden_states.6")]
    public void A_changed_configuration_is_found(string directory, string key, string value, string tensor)
    {
        using var copy = new CopiedCase(directory);
        copy.Change("model/config.json", key, value);

        var checks = GoldenCases.Verify(copy.Case);

        Assert.False(checks.Single(check => check.Tensor == tensor).Pass);
        Assert.True(checks.Single(check => check.Tensor == "hidden_states.0").Pass);
    }

    [Theory]
    [InlineData("shapes/gemma-3-4b", "expected.sliding_window", "512", "sliding_window")]
    [InlineData("shapes/gemma-3-4b", "expected.layer_kinds.5", "\"local\"", "layer_kinds")]
    [InlineData("shapes/llama-3.2-1b", "expected.inv_freq.global.20", "8.3e-6", "inv_freq.global")]
    [InlineData("shapes/llama-3.2-1b", "expected.projections.self_attn.k_proj.0", "2048", null)]
    [InlineData("shapes/llama-3.2-3b", "expected.text_parameters", "3212749825", "text_parameters")]
    public void A_changed_shape_is_found(string directory, string key, string value, string? check)
    {
        using var copy = new CopiedCase(directory);
        copy.Change("golden.json", key, value);

        Assert.Equal(check ?? "projections.self_attn.k_proj", Assert.Single(GoldenCases.Verify(copy.Case), c => !c.Pass).Tensor);
    }

    [Theory]
    [InlineData("learning_rate", "0.0061")]
    [InlineData("weight_decay", "0.2")]
    [InlineData("eps", "0.001")]
    [InlineData("warmup_steps", "1")]
    [InlineData("schedule", "\"linear\"")]
    [InlineData("max_grad_norm", "0.3")]
    [InlineData("alpha", "9")]
    public void A_changed_hyper_parameter_is_found(string key, string value)
    {
        using var copy = new CopiedCase("traces/llama-solo-mlp");
        copy.Change("golden.json", $"hyper.{key}", value);
        copy.Change("golden.json", "model", $"\"{RepositoryFiles.Golden("logits", "llama-gqa-rope3-tied", "model")}\"");

        Assert.Contains(GoldenCases.Verify(copy.Case), check => !check.Pass);
    }

    [Fact]
    public void A_case_without_its_files_says_what_is_missing()
    {
        using var copy = new CopiedCase("logits/llama-packed");
        File.Delete(Path.Combine(copy.Folder, "expected.safetensors"));

        Assert.Contains("expected.safetensors\" is not there",
            Assert.Throws<InvalidInputException>(() => GoldenCases.Verify(copy.Case)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"logits\"", "\"logitz\"", "has no tensor logits")]
    [InlineData("\"nll\"", "\"nlz\"", "has no tensor nll")]
    public void A_case_whose_expected_tensors_lack_or_do_not_fit_is_refused(string found, string written, string message)
    {
        using var copy = new CopiedCase("logits/llama-gqa-rope3-tied");
        var path = Path.Combine(copy.Folder, "expected.safetensors");
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        Assert.Contains(found, text, StringComparison.Ordinal);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(text.Replace(found, written, StringComparison.Ordinal)));

        Assert.Contains(message, Assert.Throws<InvalidInputException>(() => GoldenCases.Verify(copy.Case)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Logits_with_their_axes_exchanged_are_refused()
    {
        using var copy = new CopiedCase("logits/llama-gqa-rope3-tied");
        var path = Path.Combine(copy.Folder, "expected.safetensors");
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        var exchanged = Regex.Replace(text, @"(""logits"":\{[^}]*""shape"":\[)(\d+),(\d+),", "$1$3,$2,");
        Assert.NotEqual(text, exchanged);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(exchanged));

        Assert.Contains("has logits of shape [", Assert.Throws<InvalidInputException>(() => GoldenCases.Verify(copy.Case)).Message,
            StringComparison.Ordinal);
    }

    private sealed class CopiedCase : IDisposable
    {
        public CopiedCase(string directory)
        {
            var from = RepositoryFiles.Golden(directory);
            foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(Folder, Path.GetRelativePath(from, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
        }

        public string Folder { get; } = Directory.CreateTempSubdirectory("ldc-golden-").FullName;

        public GoldenCase Case => GoldenCases.Find(Folder).Single();

        public void Change(string file, string key, string value)
        {
            var path = Path.Combine(Folder, file);
            var root = JsonNode.Parse(File.ReadAllText(path))!;
            var parts = key.Split('.').ToList();
            var node = root;
            while (parts.Count > 1)
            {
                // Keys may themselves hold a dot.
                var name = node is JsonObject && node[parts[0]] is null ? $"{parts[0]}.{parts[1]}" : parts[0];
                parts.RemoveRange(0, name == parts[0] ? 1 : 2);
                node = node is JsonArray array ? array[int.Parse(name, CultureInfo.InvariantCulture)]! : node[name]!;
            }
            if (node is JsonArray list) list[int.Parse(parts[0], CultureInfo.InvariantCulture)] = JsonNode.Parse(value);
            else node[parts[0]] = JsonNode.Parse(value);
            File.WriteAllText(path, root.ToJsonString());
        }

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
