using System.Globalization;
using System.Text.Json;

namespace LdcLedger.Cli.Tests;

/// <summary>
/// Events as somebody would write them who has the norms and perplexities behind the published tables of <c>tests/study</c>: they average
/// to what these print, under the rule that they use, and are random otherwise. As JSON lines that <c>ldc ledger import --unchained</c>
/// takes.
/// </summary>
internal sealed class PublishedStudy(int random)
{
    private static readonly string[] Attention = ["q_proj", "k_proj", "v_proj", "o_proj"], Mlp = ["gate_proj", "up_proj", "down_proj"];
    private static readonly (string Name, string Family, int Layers)[] Models =
        [("llama-3.2-3b", "llama", 28), ("llama-3.2-1b", "llama", 16), ("gemma-3-4b", "gemma3", 34), ("gemma-3-1b", "gemma3", 26)];

    private readonly Random _random = new(random);
    private readonly string _study = Uuid(new Random(random ^ 0x5EED));

    public static string Norms { get; } = Path.Combine(Ldc.Repository, "tests/study/aggregated-norms.csv");

    public static string Perplexities { get; } = Path.Combine(Ldc.Repository, "tests/study/perplexity-normalised.csv");

    /// <summary>Their numbers average to the published ones; no single seed has them.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>Whether the pretrained models were measured.</summary>
    public bool HasBaselines { get; init; } = true;

    /// <summary>Whether runs' events stand in any order, and all at one time.</summary>
    public bool IsShuffled { get; init; }

    public string Id => _study;

    /// <summary>A header and rows, as the files have them.</summary>
    public static IReadOnlyList<string[]> Rows(string file) => [.. File.ReadAllLines(file).Skip(1).Select(line => line.Split(','))];

    public IReadOnlyList<string> Lines()
    {
        var norms = Rows(Norms).ToDictionary(r => (r[0], r[1], r[2]), r => r[3..].Select(Number).ToArray());
        var normalised = Rows(Perplexities).ToDictionary(r => (r[0], r[1]), r => r[2..].Select(Number).ToArray());
        var domains = norms.Keys.Select(k => k.Item2).Distinct().ToList();
        var runs = new List<(string Id, List<(string Type, object Data)> Events)>();
        foreach (var (model, _, layers) in Models)
            foreach (var domain in domains)
            {
                var published = normalised.GetValueOrDefault((model, domain));
                var cell = new Cell(model, domain, [.. Enumerable.Range(0, 8).Select(i => Perplexity(published?[i]))]);
                if (HasBaselines)
                    runs.Add(Run(cell, "pretrained", 0, [], [], null, cell.Perplexities[0], _ => []));
                var all = Enumerable.Range(0, layers).ToList();
                var (mlp, attention) = (norms[(model, domain, "mlp")], norms[(model, domain, "attention")]);
                var (highMlp, highAttention) = (Units(all, Mlp, mlp[0], 3), Units(all, Attention, attention[0], 3));
                AddRuns("mlp", 1, all, Mlp, 1, Units(all, Mlp, 80, 3));
                AddRuns("attention", 1, all, Attention, 2, Units(all, Attention, 50, 3));
                AddRuns("all", 1, all, [.. Attention, .. Mlp], 3, [.. highMlp, .. highAttention]);
                AddTargeted("mlp", Mlp, highMlp, mlp, 4, 6);
                AddTargeted("attention", Attention, highAttention, attention, 5, 7);

                void AddTargeted(string group, string[] projections, List<Unit> full, double[] printed, int soloColumn, int ensembleColumn)
                {
                    // Layers by their highest unit, as the rule of the published tables ranks them.
                    var ranked = full.GroupBy(u => u.Layer).OrderByDescending(l => l.Max(u => u.Value)).ThenBy(l => l.Key)
                        .Select(l => l.Key).ToList();
                    List<int> solo = [ranked[0]], ensemble = [.. ranked.Take(3).Order()];
                    AddRuns($"top-1-{group}", 2, solo, projections, soloColumn, Units(solo, projections, printed[2], 1));
                    AddRuns($"top-3-{group}", 2, ensemble, projections, ensembleColumn, Units(ensemble, projections, printed[1], 3));
                }

                void AddRuns(string role, int stage, IReadOnlyList<int> tuned, string[] projections, int column, List<Unit> units)
                {
                    // Away from the mean by as much in one seed as the other way in the next.
                    var away = Seeds.Select((_, i) => (i - (Seeds.Count - 1) / 2.0) / Seeds.Count * 0.2).ToArray();
                    var signs = units.ToDictionary(u => u, _ => _random.Next(2) * 2 - 1);
                    foreach (var (i, seed) in Seeds.Index())
                    {
                        List<(string, double)> Norms(int layer) =>
                            [.. units.Where(u => u.Layer == layer).Select(u => (u.Projection, u.Value * (1 + away[i] * signs[u])))];
                        runs.Add(Run(cell, role, stage, tuned, projections, seed, cell.Perplexities[column], Norms, 1 + away[i]));
                    }
                }
            }
        return Written(runs, domains);
    }

    private sealed record Cell(string Model, string Domain, double[] Perplexities);

    private sealed record Unit(int Layer, string Projection, double Value);

    /// <summary>Norms of every projection of the layers; the highest average to the given number.</summary>
    private List<Unit> Units(IReadOnlyList<int> layers, string[] projections, double mean, int highest)
    {
        var places = layers.SelectMany(layer => projections.Select(projection => (layer, projection))).ToArray();
        _random.Shuffle(places);
        var spread = mean * (0.02 + 0.1 * _random.NextDouble());
        double[] top = highest == 1 ? [mean] : [mean + spread, mean, mean - spread];
        return [.. places.Select((place, i) => new Unit(
            place.layer, place.projection, i < highest ? top[i] : (mean - spread) * (0.2 + 0.75 * _random.NextDouble())))];
    }

    /// <summary>One that is printed as the published number when it is normalised as 1 / PPL; any where none was published.</summary>
    private double Perplexity(double? published) =>
        1 / (published is { } p ? Math.Max(0.003, p + 0.004 * (2 * _random.NextDouble() - 1)) : 0.05 + 0.9 * _random.NextDouble());

    private (string Id, List<(string, object)> Events) Run(
        Cell cell, string role, int stage, IReadOnlyList<int> layers, string[] projections, int? seed, double perplexity,
        Func<int, List<(string Projection, double Norm)>> norms, double ofNats = 1)
    {
        var id = Uuid(_random);
        var tuning = string.Join(';', Ranges(layers).Select(range => $"{range}:{string.Join(',', projections)}"));
        // Seeds are pooled: as many tokens in each, and nats that add up.
        const long tokens = 7000;
        var events = new List<(string, object)>
        {
            ("run_planned", new
            {
                studyId = _study, runId = id, stage, role, model = cell.Model, domain = cell.Domain, tuning, seed,
                weightsSha256 = Sha('a'), configSha256 = Sha('b'), tokenizerSha256 = Sha('c'), dataSha256 = Sha('d'),
            }),
        };
        foreach (var layer in layers)
            events.Add(("layer_norm_measured", new
            {
                studyId = _study, runId = id, model = cell.Model, domain = cell.Domain, role, seed, epoch = 2, layer,
                projections = norms(layer).Select(n =>
                    new { projection = n.Projection, updateFrobenius = n.Norm, weightFrobenius = 60.0, rows = 64, columns = 64 }),
            }));
        events.Add(("perplexity_evaluated", new
        {
            studyId = _study, runId = id, model = cell.Model, domain = cell.Domain, role, tuning, seed, pretrained = stage == 0,
            totalNats = tokens * Math.Log(perplexity) * ofNats, scoredTokens = tokens, bytes = 4 * tokens, documents = 80,
        }));
        events.Add(("run_completed", new
        {
            studyId = _study, runId = id, attempt = 1, steps = stage == 0 ? 0 : 100, trainedTokens = 0, seconds = 3600.0,
        }));
        return (id, events);
    }

    private List<string> Written(List<(string Id, List<(string Type, object Data)> Events)> runs, IReadOnlyList<string> domains)
    {
        var submitted = new
        {
            studyId = _study, name = "published",
            spec = new
            {
                name = "published", models = Models.Select(m => new { name = m.Name, path = m.Name }),
                domains = domains.Select(d => new { name = d, path = d, format = "jsonl" }), seeds = Seeds,
                stage2 = new { rule = "component-frobenius" },
            },
            models = Models.Select(m => new
            {
                name = m.Name, path = m.Name, family = m.Family, architecture = m.Family, layers = m.Layers, parameters = 1_000_000_000L,
                weightsSha256 = Sha('a'), configSha256 = Sha('b'), tokenizerSha256 = Sha('c'),
            }),
            domains = domains.Select(d => new
            {
                name = d, path = d, format = "jsonl", sha256 = Sha('d'), bytes = 1_000_000, records = 1000, heldOutRecords = 200,
            }),
            rule = new { name = "component-frobenius", version = 1, over = "component" },
            runs = runs.Select(r => r.Id),
        };
        var lines = new List<string> { Line(_study, "study_submitted", submitted, 0) };
        var open = runs.Select(run =>
            (run.Id, Events: new Queue<(string Type, object Data)>(IsShuffled ? Shuffled(run.Events) : run.Events))).ToList();
        while (open.Count > 0)
        {
            var next = IsShuffled ? _random.Next(open.Count) : 0;
            var (type, data) = open[next].Events.Dequeue();
            lines.Add(Line(open[next].Id, type, data, IsShuffled ? 0 : lines.Count));
            if (open[next].Events.Count == 0)
                open.RemoveAt(next);
        }
        return lines;
    }

    // A run's plan stays first.
    private List<(string, object)> Shuffled(List<(string, object)> events)
    {
        var rest = events[1..].ToArray();
        _random.Shuffle(rest);
        return [events[0], .. rest];
    }

    private static string Line(string stream, string type, object data, int second) => JsonSerializer.Serialize(new
    {
        stream, type, data,
        timestamp = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddSeconds(second)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    });

    private static IEnumerable<string> Ranges(IReadOnlyList<int> layers)
    {
        for (var i = 0; i < layers.Count; i++)
        {
            var first = i;
            while (i + 1 < layers.Count && layers[i + 1] == layers[i] + 1)
                i++;
            yield return first == i ? $"{layers[i]}" : $"{layers[first]}-{layers[i]}";
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Sha(char digit) => new(digit, 64);

    private static string Uuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }
}
