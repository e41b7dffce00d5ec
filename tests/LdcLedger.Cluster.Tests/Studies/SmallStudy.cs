using System.Text.Json;
using LdcLedger.Cluster.Tests.Deployment;
using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Torch.Safetensors;
using Npgsql;
using Xunit;

namespace LdcLedger.Cluster.Tests.Studies;

/// <summary>One small study for all tests that ask whether a fault changes what is found.</summary>
[CollectionDefinition(Name)]
public sealed class OneSmallStudy : ICollectionFixture<SmallStudy>
{
    public const string Name = "one small study";
}

/// <summary>A study of seconds over the demo's tiny model, and what one undisturbed process finds in it.</summary>
public sealed class SmallStudy(ClusterServers servers) : IAsyncLifetime
{
    // The fewest of both corpora among which some are held out.
    private const int FirstRecord = 8, UsualRecords = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-small-").FullName;

    /// <summary>2 baselines, 2 runs of stage 1, 4 of stage 2.</summary>
    public string Spec { get; private set; } = "";

    internal SortedDictionary<Guid, string> Numbers { get; private set; } = [];

    /// <summary>The same without ids, for studies that were started anew: those have other ids and find the same.</summary>
    internal List<string> Findings { get; private set; } = [];

    /// <param name="name">A label; the study's identity is the rest.</param>
    /// <param name="records">Of each corpus.</param>
    /// <param name="stage2">False: baselines and stage 1 only.</param>
    /// <param name="model">A model's folder; null: the demo's tiny Llama.</param>
    public string Write(
        string name, int epochs = 2, int records = UsualRecords, string domains = "cpp,math", string? model = null, bool stage2 = true)
    {
        foreach (var domain in domains.Split(','))
            File.WriteAllLines(Path.Combine(_folder, $"{domain}-{records}.jsonl"),
                File.ReadLines(Repository.PathOf($"infra/demo/domains/{domain}.jsonl")).Skip(FirstRecord).Take(records));
        var path = Path.Combine(_folder, $"{name}.yaml");
        File.WriteAllText(path, $$"""
            name: {{name}}
            models: [{ name: tiny-llama, path: {{model ?? Repository.PathOf("infra/demo/models/tiny-llama")}} }]
            domains: [{{string.Join(", ", domains.Split(',').Select(d => $$"""{ name: {{d}}, path: {{d}}-{{records}}.jsonl }"""))}}]
            regimes: [all]
            lora: { rank: 4, alpha: 8 }
            data: { length: 128 }
            training: { epochs: {{epochs}}, batch: 2 }
            evaluation: { length: 128, stride: 64 }
            stage2: { top: [{{(stage2 ? "1" : "")}}] }
            """);
        return path;
    }

    /// <summary>
    /// A study whose training on <c>math</c>, and nothing else of it, meets a number that is none: the embedding of one token, which one
    /// training record has.
    /// </summary>
    public string WriteWithANaN(string name)
    {
        const string token = "\u0107";   // stands for byte 7 in a byte-level vocabulary
        var (from, to) = (Repository.PathOf("infra/demo/models/tiny-llama"), Path.Combine(_folder, "nan-llama"));
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from, "*.json"))
            {
                var config = File.ReadAllText(file).Replace(
                    "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", StringComparison.Ordinal);
                File.WriteAllText(Path.Combine(to, Path.GetFileName(file)), config);
            }
        using var vocabulary = JsonDocument.Parse(File.ReadAllText(Path.Combine(from, "tokenizer.json")));
        var row = vocabulary.RootElement.GetProperty("model").GetProperty("vocab").GetProperty(token).GetInt32();
        using (var weights = new SafetensorsFile(Path.Combine(from, "model.safetensors")))
        {
            var embedding = weights["model.embed_tokens.weight"];
            var broken = embedding.ToFloats();
            broken.AsSpan(row * (int)embedding.Shape[1], (int)embedding.Shape[1]).Fill(float.NaN);
            SafetensorsWriter.Write(Path.Combine(to, "model.safetensors"),
            [
                .. weights.Tensors.Values.Where(t => t != embedding).Select(t => new WrittenTensor(t.Name, [.. t.Shape], t.ToFloats())),
                new WrittenTensor(embedding.Name, [.. embedding.Shape], broken),
                new WrittenTensor("lm_head.weight", [.. embedding.Shape], embedding.ToFloats()),
            ]);
        }
        var spec = Write(name, model: to);
        var records = File.ReadAllLines(Path.Combine(_folder, $"math-{UsualRecords}.jsonl"));
        records[0] = records[0].Replace("\"response\": \"", "\"response\": \"\\u0007", StringComparison.Ordinal);
        File.WriteAllLines(Path.Combine(_folder, "math-nan.jsonl"), records);
        File.WriteAllText(spec, File.ReadAllText(spec).Replace($"math-{UsualRecords}.jsonl", "math-nan.jsonl", StringComparison.Ordinal));
        return spec;
    }

    public async ValueTask InitializeAsync()
    {
        Spec = Write("small");
        var database = await (await servers.Postgres).FreshDatabase();
        var output = await Ldc.Done(
            new Dictionary<string, string?> { ["LDC_POSTGRES"] = database, ["LDC_RABBITMQ"] = "",
                ["LDC_DATA"] = Path.Combine(_folder, "data") },
            "study", "run", Spec, "--out", Path.Combine(_folder, "out"));
        await using var source = NpgsqlDataSource.Create(database);
        var study = (Guid)(await source.CreateCommand("select stream_id from ledger.mt_events where type = 'study_submitted'")
            .ExecuteScalarAsync())!;
        Numbers = await Measured.Facts(source, study);
        Findings = await Measured.Findings(source, study);
        Assert.True(Numbers.Count > 20, output);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
