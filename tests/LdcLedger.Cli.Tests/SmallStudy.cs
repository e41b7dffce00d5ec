using System.Diagnostics;

namespace LdcLedger.Cli.Tests;

/// <summary>
/// A study of one model and one domain that takes seconds (1 baseline, 3 trainings), with a data folder, and so a private PostgreSQL, of
/// its own.
/// </summary>
internal sealed class SmallStudy : IDisposable
{
    private readonly Folder _folder = new();
    private readonly KeptServers _servers = new();

    /// <summary>What the settings of every study hold as passwords.</summary>
    public const string Secret = "S3CRETofasmallstudy";

    /// <param name="more">Lines that the spec ends with.</param>
    public SmallStudy(string more = "")
    {
        Settings = new Dictionary<string, string>
        {
            ["LDC_DATA"] = _folder["data"], ["LDC_POSTGRES"] = "", ["LDC_ARTIFACTS"] = "",
            // Of other servers; the private one has nothing to do with them, and nobody is to find them anywhere.
            ["LDC_RABBITMQ"] = $"amqp://u:{Secret}@broker/v", ["PGPASSWORD"] = Secret, ["PGPORT"] = "6543", ["PGOPTIONS"] = "-c nonsense=1",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = $"authorization={Secret}",
            // Nothing of libtorch is there, and nothing of it is needed: whoever loads it on the CPU fails.
            ["LDC_LIBTORCH"] = _folder["no-libtorch"],
        };
        _folder.Write("study.yaml", $$"""
            name: small
            models: [{ name: tiny-llama, path: {{Path.Combine(Ldc.Repository, "infra/demo/models/tiny-llama")}} }]
            domains: [{ name: math, path: {{Path.Combine(Ldc.Repository, "infra/demo/domains/math.jsonl")}} }]
            regimes: [all]
            data: { length: 64, loss_on: all, held_out: 0.05, max_tokens: 1024 }
            evaluation: { length: 64, stride: 32 }
            stage2: { top: [1], groups: [mlp, attention] }
            {{(more.Contains("lora:", StringComparison.Ordinal) ? "" : "lora: { rank: 4, alpha: 8, dropout: 0.1 }")}}
            {{(more.Contains("training:", StringComparison.Ordinal) ? "" : "training: { epochs: 2, batch: 4, learning_rate: 3.0e-3 }")}}
            {{more}}
            """);
    }

    public IReadOnlyDictionary<string, string> Settings { get; }

    public string this[string relative] => _folder[relative];

    public Task<Call> Ask(params string[] arguments) => With(Settings, arguments);

    /// <summary>Under other settings, its ledger's place among them.</summary>
    public async Task<Call> With(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var call = await Ldc.RunIn(_folder.Path, settings, arguments);
        await _servers.KeepAsync(settings["LDC_DATA"]);
        return call;
    }

    public Process Start(params string[] arguments) => Ldc.Start(_folder.Path, Settings, arguments);

    /// <summary>Every ||dW||_F and every perplexity of a finished study, whole, as its tables have them.</summary>
    public IReadOnlyList<string> Numbers(string results) =>
        [.. new[] { "norms.csv", "perplexity.csv", "rankings.csv" }.SelectMany(table =>
            File.ReadAllLines(_folder[$"{results}/tables/{table}"]))];

    public void Dispose()
    {
        _servers.Dispose();
        _folder.Dispose();
    }
}
