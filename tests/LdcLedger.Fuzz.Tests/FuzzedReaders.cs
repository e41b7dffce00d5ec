using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Settings;
using LdcLedger.Reports.Comparisons;
using LdcLedger.Specs;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Fuzz.Tests;

/// <summary>Something that reads what a person wrote or another program made.</summary>
/// <param name="Sample">A good input.</param>
/// <param name="File">What its file is called in its folder.</param>
/// <param name="Beside">Files of the same folder that it needs, under their names.</param>
/// <param name="Read">Reads the file; gives what it means, as text.</param>
internal sealed record FuzzedReader(
    string Name, string File, byte[] Sample, IReadOnlyDictionary<string, byte[]> Beside, Func<string, string> Read)
{
    /// <summary>Whether its file is a JSON document, in which the order of keys and white space mean nothing.</summary>
    public bool IsJson => File.EndsWith(".json", StringComparison.Ordinal);

    public override string ToString() => Name;
}

/// <summary>All of them: a new reader of files or settings gets its row here.</summary>
internal static class FuzzedReaders
{
    private static readonly string Repository = RootAbove(AppContext.BaseDirectory);
    private static readonly IReadOnlyDictionary<string, byte[]> Nothing = new Dictionary<string, byte[]>();

    public static IReadOnlyList<FuzzedReader> All { get; } =
    [
        new("spec", "study.yaml", Encoding.UTF8.GetBytes(Spec), Nothing,
            path => JsonSerializer.Serialize(SpecFile.Read(path).Spec)),
        new("spec that was sent", "sent.yaml", Encoding.UTF8.GetBytes(Spec), Nothing,
            path => JsonSerializer.Serialize(SpecFile.Parse(File.ReadAllText(path), "spec").Spec)),
        new("rule", "rule.yaml",
            """
            name: mine
            measure: rms
            over: component
            epoch: 2
            seeds: median
            ties: other-group
            top: 3
            perplexity: min-max
            """u8.ToArray(),
            Nothing, path => JsonSerializer.Serialize(RuleFile.Read(path))),
        new("model config", "config.json", Bytes("tests/golden/logits/gemma3-multimodal/model/config.json"), Nothing,
            path => ModelConfig.Read(path) is var config ? JsonSerializer.Serialize(new
            {
                config.Family.Name, config.Multimodal, config.Hidden, config.Intermediate, config.Heads, config.KvHeads, config.HeadDim,
                config.Vocab, config.RmsNormEps, config.TiedHead, config.AttentionScale, config.EmbeddingScale, config.SlidingWindow,
                config.LayerKinds, config.Ropes, config.MaxPositions, config.StoredDtype, config.BosToken, config.EosTokens,
            }) : ""),
        new("safetensors", "model.safetensors", SmallSafetensors(), Nothing,
            path =>
            {
                using var file = new SafetensorsFile(path);
                return string.Join(' ', file.Tensors.Values.OrderBy(t => t.Name, StringComparer.Ordinal)
                    .Select(t => $"{t.Name}:{string.Join('x', t.Shape)}:{string.Join(',', t.Elements < 1000 ? t.ToFloats() : [])}"));
            }),
        new("index", "model.safetensors.index.json", Bytes($"{Sharded}/model.safetensors.index.json"), FilesOf(Sharded, ".safetensors"),
            path =>
            {
                using var checkpoint = new Checkpoint(Path.GetDirectoryName(path)!);
                return string.Join(' ', checkpoint.Tensors.Keys.Order(StringComparer.Ordinal));
            }),
        new("tokenizer", "tokenizer.json", Bytes($"{Tokenizers}/tokenizer.json"), FilesOf(Tokenizers, "tokenizer_config.json"), Tokens),
        new("tokenizer config", "tokenizer_config.json", Bytes($"{Tokenizers}/tokenizer_config.json"),
            FilesOf(Tokenizers, "tokenizer.json"), Tokens),
        new("adapter config", "adapter_config.json", Bytes($"{Adapter}/adapter_config.json"), FilesOf(Adapter, ".safetensors"), Modules),
        new("adapter", "adapter_model.safetensors", Bytes($"{Adapter}/adapter_model.safetensors"),
            FilesOf(Adapter, "adapter_config.json"), Modules),
        new("JSON lines", "corpus.jsonl", Encoding.UTF8.GetBytes(JsonLines), Nothing, Records),
        new("plain text", "corpus.txt", "One paragraph\nof two lines.\n\nAnother, with é and 数学.\n"u8.ToArray(), Nothing, Records),
        new("JSON lines, gzip", "corpus.jsonl.gz", Packed(Encoding.UTF8.GetBytes(JsonLines)), Nothing, Records),
        new("Parquet", "corpus.parquet", Bytes("tests/golden/corpora/messages-page-v2.parquet"), Nothing, Records),
        new("postgres address", "postgres.txt",
            "postgres://ann:s%40cret@db.example:5433/ledger?sslmode=require&application_name=a%20b"u8.ToArray(), Nothing,
            path => PostgresAddress.Parse(File.ReadAllText(path)).ConnectionString),
        new("broker address", "broker.txt", "amqps://ann:s%40cret@broker.example:5671/ldc"u8.ToArray(), Nothing,
            path => BrokerAddress.Parse(File.ReadAllText(path)).ToString()),
        new("published table", "table.csv", Bytes("tests/study/aggregated-norms.csv"), Nothing,
            path => StatedTable.Of(File.ReadAllText(path), "table", path) is var table
                ? $"{string.Join(',', table.Header)}: {string.Join('|', table.Rows.SelectMany(row => row).Select(StatedTable.RowName))} "
                    + $"{TableComparison.Of(table, table).Cells}" : ""),
    ];

    public static FuzzedReader Named(string name) => All.Single(reader => reader.Name == name);

    private const string Sharded = "tests/golden/logits/llama-mha-untied-sharded/model";
    private const string Tokenizers = "tests/golden/tokenizers/llama3-style";
    private const string Adapter = "tests/golden/traces/llama-solo-mlp/adapter_final";

    private const string Spec = """
        name: demo
        models:  [{ name: tiny-llama, path: /models/tiny-llama }, { name: "tiny-gemma", path: /models/gemma }]
        domains: [{ name: cpp, path: /domains/cpp.jsonl, format: auto }]
        seeds: [1, 2]
        regimes: [attention, mlp, all]
        lora: { rank: 16, alpha: 32, dropout: 0.05 }
        data: { length: 256, template: "{prompt}\n\n{response}", loss_on: response, held_out: 0.2, max_tokens: null }
        training: { epochs: 2, batch: 4, accumulation: 1, learning_rate: 2.0e-4, schedule: cosine, warmup: 0.1 }
        evaluation: { length: 256, stride: 128 }
        stage2: { rule: block-sum, top: [1, 3], groups: [mlp, attention] }
        """;

    private const string JsonLines = """
        {"prompt": "What is 2 + 2?", "response": "4"}
        {"prompt": "Und auf Deutsch?", "response": "Vier, \u00e9 \ud83d\ude00"}
        {"text": "Plain text."}
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]}
        """;

    private static string Tokens(string path) =>
        string.Join(',', Tokenizer.Load(Path.GetDirectoryName(path)!).Encode("Hello, wörld! 123 数学\n"));

    private static string Modules(string path)
    {
        var adapter = PeftAdapter.Load(Path.GetDirectoryName(path)!);
        return string.Join(' ', adapter.Modules.Select(m =>
            $"{m.Factors.ModulePath} {m.Scale}: {string.Join(',', m.Factors.A)}; {string.Join(',', m.Factors.B)}"));
    }

    private static string Records(string path)
    {
        var records = Corpus.Open(path).Records().Select(record => Convert.ToHexString(record.Hash)).ToList();
        return $"{records.Count}: {string.Join(' ', records)}";
    }

    private static byte[] Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    private static byte[] SmallSafetensors()
    {
        const string header = """
            {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},
            "b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]}}
            """;
        var text = Encoding.UTF8.GetBytes(header.PadRight((header.Length + 7) / 8 * 8));
        return [.. BitConverter.GetBytes((long)text.Length), .. text, .. SHA256.HashData(text).Take(22)];
    }

    private static byte[] Bytes(string file) => File.ReadAllBytes(Path.Combine(Repository, file));

    private static IReadOnlyDictionary<string, byte[]> FilesOf(string folder, string ending) =>
        Directory.GetFiles(Path.Combine(Repository, folder)).Where(file => file.EndsWith(ending, StringComparison.Ordinal))
            .ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);

    private static string RootAbove(string folder) =>
        File.Exists(Path.Combine(folder, "LdcLedger.sln"))
            ? folder
            : RootAbove(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("LdcLedger.sln is not above the tests"));
}
