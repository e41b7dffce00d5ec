using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;

namespace LdcLedger.Torch.Tests.Training;

/// <summary>The small checkpoints of the reference cases, and random text for them.</summary>
internal static class SmallModel
{
    public static readonly string[] Attention = [.. Projection.NamesIn("attention")];
    public static readonly string[] Mlp = [.. Projection.NamesIn("mlp")];

    public static BaseModel Llama(string dtype = "float32", string form = BaseForms.AsIs) =>
        BaseModel.Load(RepositoryFiles.Golden("logits", "llama-gqa-rope3-tied", "model"), dtype, form: form);

    public static BaseModel Gemma3(string dtype = "float32", string form = BaseForms.AsIs) =>
        BaseModel.Load(RepositoryFiles.Golden("logits", "gemma3-text", "model"), dtype, form: form);

    public static BaseModel Load(string family, string dtype = "float32", string form = BaseForms.AsIs) =>
        family == "llama" ? Llama(dtype, form) : Gemma3(dtype, form);

    public static LoraOptions Adapt(BaseModel model, double dropout = 0, int from = 0, int rank = 4, string[]? projections = null) => new(
        rank, 8, dropout,
        [.. Enumerable.Range(from, model.Config.Layers - from)
        .SelectMany(layer => (projections ?? [.. Attention, .. Mlp]).Select(name => new LoraTarget(layer, name)))]);

    /// <summary>Rows that hold several documents each; a document's first token is not scored.</summary>
    public static PackedRows Text(int rows, int length, ulong seed = 3)
    {
        var random = new SplitMix(seed);
        int[] ids = new int[rows * length], labels = new int[rows * length], positions = new int[rows * length];
        for (var i = 0; i < ids.Length; i++)
        {
            var begins = i % length == 0 || random.NextDouble() < 0.06;
            ids[i] = 5 + random.NextInt(random.NextDouble() < 0.7 ? 40 : 370);
            positions[i] = begins ? 0 : positions[i - 1] + 1;
            labels[i] = begins || random.NextDouble() < 0.2 ? PackedRows.NotScored : ids[i];
        }
        return new PackedRows(length, ids, labels, positions);
    }

    /// <summary>One row per document, padded behind it with tokens that are not scored.</summary>
    public static PackedRows Apart(PackedRows packed)
    {
        List<(int From, int Length)> documents = [];
        for (var i = 0; i < packed.InputIds.Length; i++)
        {
            if (packed.PositionIds[i] == 0) documents.Add((i, 0));
            documents[^1] = (documents[^1].From, documents[^1].Length + 1);
        }
        int[] ids = new int[documents.Count * packed.Length], positions = new int[ids.Length];
        var labels = Enumerable.Repeat(PackedRows.NotScored, ids.Length).ToArray();
        for (var d = 0; d < documents.Count; d++)
            for (var t = 0; t < packed.Length; t++)
            {
                positions[d * packed.Length + t] = t;
                if (t >= documents[d].Length) continue;
                ids[d * packed.Length + t] = packed.InputIds[documents[d].From + t];
                labels[d * packed.Length + t] = packed.Labels[documents[d].From + t];
            }
        return new PackedRows(packed.Length, ids, labels, positions);
    }
}
