using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Corpora;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Adapters;

public sealed class AdapterMergeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => Path.Combine(_folder.Path, "merged");

    public void Dispose() => _folder.Dispose();

    private static string Base(string name) => RepositoryFiles.Golden("logits", name, "model");

    private static PeftAdapter Trained(string trace) => PeftAdapter.Load(RepositoryFiles.Golden("traces", trace, "adapter_final"));

    /// <summary>Their mode comes along with a copy, and the weights of the copy have to be written over.</summary>
    [Fact]
    public void A_base_that_nobody_may_write_to_can_be_merged_into()
    {
        if (OperatingSystem.IsWindows())
            return;   // which has no such modes
        using var locked = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Base("llama-gqa-rope3-tied")))
        {
            var copy = Path.Combine(locked.Path, Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        }
        AdapterMerge.Write(locked.Path, Trained("llama-solo-mlp"), Target);
        foreach (var file in Directory.GetFiles(Target))
            Assert.True(File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserWrite), file);
    }

    /// <summary>W + scale B A, added up in fp64 one number at a time.</summary>
    private static double[] Expected(float[] weight, PeftModule module)
    {
        var (rank, width) = (module.Factors.Rank, module.Factors.InFeatures);
        return [.. weight.Select((w, i) => w + module.Scale * Enumerable.Range(0, rank)
            .Sum(r => (double)module.Factors.B[i / width * rank + r] * module.Factors.A[r * width + i % width]))];
    }

    private void Check(string baseName, PeftAdapter adapter, Func<LoraModule, string> tensorOf, double tolerance)
    {
        AdapterMerge.Write(Base(baseName), adapter, Target);

        using var before = new Checkpoint(Base(baseName));
        using var after = new Checkpoint(Target);
        var modules = adapter.Modules.ToDictionary(m => tensorOf(m.Factors));
        Assert.Equal(before.Tensors.Keys.Order(), after.Tensors.Keys.Order());
        foreach (var (name, tensor) in before.Tensors)
        {
            Assert.Equal((tensor.Dtype, string.Join(',', tensor.Shape)), (after[name].Dtype, string.Join(',', after[name].Shape)));
            if (!modules.Remove(name, out var module))
            {
                Assert.Equal(tensor.ToFloats(), after[name].ToFloats());
                continue;
            }
            var expected = Expected(tensor.ToFloats(), module);
            Assert.All(expected.Zip(after[name].ToFloats()),
                pair => Assert.True(Math.Abs(pair.First - pair.Second) <= tolerance * Math.Max(Math.Abs(pair.First), 0.01)));
            Assert.NotEqual(tensor.ToFloats(), after[name].ToFloats());
        }
        Assert.Empty(modules);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Base(baseName), "config.json")),
            File.ReadAllBytes(Path.Combine(Target, "config.json")));
        Assert.Equal([Target], Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public void Merging_adds_the_update_to_the_adapted_weights_and_to_no_others() =>
        Check("llama-gqa-rope3-tied", Trained("llama-solo-mlp"), module => module.ModulePath + ".weight", 1e-5);

    [Fact]
    public void A_base_in_the_older_spelling_keeps_it() => Check("gemma3-multimodal", Trained("gemma3-multimodal-ensemble-mlp"),
        module => module.ModulePath.Replace("model.language_model.", "language_model.model.", StringComparison.Ordinal) + ".weight", 1e-5);

    [Theory]
    [InlineData("llama-mha-untied-sharded", 1e-5)]
    [InlineData("llama-bf16", 1 / 256.0)]
    [InlineData("gemma3-text-layer-types", 1 / 2048.0)]   // fp16
    public void Shards_and_types_of_the_base_stay(string name, double tolerance)
    {
        using var checkpoint = new Checkpoint(Base(name));
        var random = new Random(5);
        var modules = new[] { (1, "self_attn.q_proj"), (1, "mlp.down_proj"), (0, "mlp.up_proj") }.Select(target =>
        {
            var path = $"model.layers.{target.Item1}.{target.Item2}";
            var (rows, columns) = ((int)checkpoint[path + ".weight"].Shape[0], (int)checkpoint[path + ".weight"].Shape[1]);
            return new LoraModule(path, target.Item1, target.Item2.Split('.')[1], Numbers(3 * columns), Numbers(3 * rows), columns, rows);
        }).ToList();
        Check(name, PeftAdapter.Of(new LoraAdapter(3, 6, modules)), module => module.ModulePath + ".weight", tolerance);

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    [Fact]
    public void An_adapter_of_another_base_names_the_first_tensor_and_both_shapes()
    {
        var wrong = Assert.Throws<InvalidInputException>(() =>
            AdapterMerge.Write(Base("llama-bf16"), Trained("llama-attention"), Target)).Message;
        Assert.Contains("model.layers.0.self_attn.q_proj.lora_A.weight is [4, 64], "
            + "which does not fit the base's model.layers.0.self_attn.q_proj.weight [128, 96]", wrong, StringComparison.Ordinal);
        Assert.Contains("has no weight of that module",
            Assert.Throws<InvalidInputException>(() => AdapterMerge.Write(Base("llama-bf16"), Trained("llama-solo-mlp"), Target)).Message,
            StringComparison.Ordinal);
        Assert.False(Path.Exists(Target));
    }

    [Fact]
    public void A_folder_that_exists_is_not_written_over() =>
        Assert.Contains("already exists",
            Assert.Throws<InvalidInputException>(() =>
            AdapterMerge.Write(Base("llama-bf16"), Trained("llama-attention"), _folder.Path)).Message, StringComparison.Ordinal);
}
