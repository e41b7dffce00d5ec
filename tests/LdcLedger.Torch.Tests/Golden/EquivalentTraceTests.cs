using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using LdcLedger.Torch.Golden;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Corpora;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Golden;

/// <summary>The same training written down in another way has the same reference values.</summary>
public sealed class EquivalentTraceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Accumulated_micro_batches_are_one_larger_batch() => Check("llama-solo-mlp", hyper => hyper["accumulation"] = 1, batches =>
        batches.ToDictionary(t => t.Key, t => t.Key.StartsWith("eval", StringComparison.Ordinal)
            ? t.Value : (new long[] { t.Value.Shape[0] / 2, t.Value.Shape[1] * 2, t.Value.Shape[2] }, t.Value.Values)));

    [Fact]
    public void A_larger_batch_is_rows_accumulated_one_by_one() =>
        Check("gemma3-solo-mlp", hyper => hyper["accumulation"] = PerStep("gemma3-solo-mlp"), batches =>
        batches.ToDictionary(t => t.Key, t => t.Key.StartsWith("eval", StringComparison.Ordinal)
            ? t.Value : (new long[] { t.Value.Shape[0] * t.Value.Shape[1], 1, t.Value.Shape[2] }, t.Value.Values)));

    [Theory]
    [InlineData("llama-solo-mlp")]
    [InlineData("gemma3-solo-mlp")]
    public void Positions_that_only_count_may_be_written_down(string trace) => Check(trace, _ => { }, batches => batches.Concat(
        batches.Where(t => t.Key.EndsWith("input_ids", StringComparison.Ordinal)).ToDictionary(
            t => t.Key.Replace("input_ids", "position_ids", StringComparison.Ordinal),
            t => (t.Value.Shape, t.Value.Values.Select((_, i) => i % t.Value.Shape[^1]).ToArray()))).ToDictionary());

    [Fact]
    public void A_tail_of_each_row_that_is_never_scored_changes_nothing() =>
        Check("llama-solo-mlp", _ => { }, batches => batches.ToDictionary(
        t => t.Key, t => Padded(t.Value, 5, t.Key.EndsWith("labels", StringComparison.Ordinal) ? -100 : 3)));

    [Theory]
    [InlineData("llama-solo-mlp", "\"model\\\\.layers\\\\.3\\\\.mlp\\\\.(gate|up|down)_proj\"", "null")]
    [InlineData("llama-solo-mlp", "[\"mlp.gate_proj\",\"up_proj\",\"down_proj\"]", "3")]
    [InlineData("llama-attention", "\".*_proj(?<!gate_proj|up_proj|down_proj)\"", "null")]
    public void Targets_have_several_spellings(string trace, string targets, string layers) => Check(trace, hyper =>
    {
        hyper["target_modules"] = JsonNode.Parse(targets);
        hyper["layers"] = JsonNode.Parse(layers);
    }, batches => batches);

    private static int PerStep(string trace)
    {
        using var batches = new SafetensorsFile(RepositoryFiles.Golden("traces", trace, "batches.safetensors"));
        var accumulation =
            (int)JsonNode.Parse(File.ReadAllText(RepositoryFiles.Golden("traces", trace, "golden.json")))!["hyper"]!["accumulation"]!;
        return accumulation * (int)batches["input_ids"].Shape[1];
    }

    private static (long[], long[]) Padded((long[] Shape, long[] Values) rows, int more, long with) => (
        [.. rows.Shape[..^1], rows.Shape[^1] + more],
        [.. rows.Values.Chunk((int)rows.Shape[^1]).SelectMany(row => row.Concat(Enumerable.Repeat(with, more)))]);

    private void Check(string trace,
        Action<JsonNode> hyper,
        Func<Dictionary<string, (long[] Shape, long[] Values)>, Dictionary<string, (long[] Shape, long[] Values)>> rewrite)
    {
        var from = RepositoryFiles.Golden("traces", trace);
        var to = Path.Combine(_folder.Path, trace);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(to, Path.GetRelativePath(from, file)))!);
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
        var golden = JsonNode.Parse(File.ReadAllText(Path.Combine(to, "golden.json")))!;
        golden["model"] = Path.GetFullPath(Path.Combine(from, (string)golden["model"]!));
        hyper(golden["hyper"]!);
        File.WriteAllText(Path.Combine(to, "golden.json"), golden.ToJsonString());
        Dictionary<string, (long[], long[])> batches;
        using (var file = new SafetensorsFile(Path.Combine(from, "batches.safetensors")))
            batches = file.Tensors.ToDictionary(t => t.Key, t => (t.Value.Shape.ToArray(), t.Value.ToLongs()));
        Write(Path.Combine(to, "batches.safetensors"), rewrite(batches));

        var checks = GoldenCases.Verify(Assert.Single(GoldenCases.Find(to)));

        Assert.NotEmpty(checks);
        Assert.All(checks, check => Assert.True(check.Pass, $"{check.Tensor}: {check.Error:E1}, allowed {check.Tolerance:E1}"));
    }

    /// <summary>Whole numbers, which the writer of adapters has no use for.</summary>
    private static void Write(string path, Dictionary<string, (long[] Shape, long[] Values)> tensors)
    {
        var (header, data) = (new JsonObject(), new MemoryStream());
        foreach (var (name, tensor) in tensors)
        {
            var begin = data.Length;
            data.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
            header[name] = new JsonObject
            {
                ["dtype"] = "I64", ["shape"] =
                    new JsonArray([.. tensor.Shape.Select(d => (JsonNode)d)]), ["data_offsets"] = new JsonArray(begin, data.Length),
            };
        }
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        File.WriteAllBytes(path, [.. length, .. text, .. data.ToArray()]);
    }
}
