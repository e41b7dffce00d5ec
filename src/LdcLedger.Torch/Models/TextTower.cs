using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Models;

/// <summary>
/// Under which names the text model lies in a checkpoint. Names of classes in a config.json are often left over from another one, so what
/// decides is what the tensors are called and, where that leaves a choice, their shapes.
/// </summary>
/// <param name="Prefix">Of embedding, layers and final norm, e.g. <c>model.</c>; empty where nothing stands before them.</param>
/// <param name="Head">The output head's own tensor; null where there is none.</param>
internal sealed record TextTower(string Prefix, string? Head)
{
    private const string Embedding = "embed_tokens.weight", FirstLayer = "layers.0.", LmHead = "lm_head.weight";

    // Where transformers puts it, in the order of its classes: alone, and beside a vision tower in two spellings, newer and older.
    private static readonly string[] Alone = ["model.", ""], BesideVision = ["model.language_model.", "language_model.model."];

    /// <summary>Prefixes of other towers of the same shapes, which are not read.</summary>
    public IReadOnlyList<string> Others { get; private init; } = [];

    /// <summary>As a model that stands alone has them; for weights that have no names yet.</summary>
    public static TextTower Usual { get; } = new("model.", LmHead);

    /// <summary>Whether it lies where a model with vision has its text model.</summary>
    public bool BelongsToMultimodal => BesideVision.Contains(Prefix);

    /// <exception cref="InvalidInputException">No text model is there; the message says what the tensors are called.</exception>
    public static TextTower In(Checkpoint checkpoint, ModelConfig config)
    {
        var tensors = checkpoint.Tensors;
        // A tower that lost a tensor is still found, so that the tensor can be named.
        var found = Prefixes(tensors, Embedding, prefix => tensors.Keys.Any(Under(prefix + FirstLayer)));
        if (found.Count == 0) found = Prefixes(tensors, FirstLayer + "mlp.gate_proj.weight", _ => true);
        if (found.Count == 0) found = Prefixes(tensors, Embedding, _ => true);
        if (found.Count == 0)
            throw new InvalidInputException($"{checkpoint.Directory} holds no text model that config.json describes: none of its tensors "
                + $"is called ...{Embedding} or ...{FirstLayer}mlp.gate_proj.weight; it has {Beginnings(tensors.Keys)}.");
        var fitting = found.Count > 1 ? found.Where(prefix => Fits(checkpoint, prefix, config)).ToList() : [];
        if (fitting.Count > 0) found = fitting;
        var order = (string[])(config.Multimodal ? [.. BesideVision, .. Alone] : [.. Alone, .. BesideVision]);
        var prefix = order.FirstOrDefault(found.Contains) ?? found[0];
        // lm_head stands beside the tower or beside what holds it.
        var head = tensors.Keys.Where(name => name.EndsWith(LmHead, StringComparison.Ordinal)
            && prefix.StartsWith(name[..^LmHead.Length], StringComparison.Ordinal)).MaxBy(name => name.Length);
        return new TextTower(prefix, head) { Others = [.. fitting.Where(other => other != prefix)] };
    }

    private static List<string> Prefixes(IReadOnlyDictionary<string, MappedTensor> tensors, string ending, Func<string, bool> allowed) =>
        [.. tensors.Keys.Where(name => name == ending || name.EndsWith("." + ending, StringComparison.Ordinal))
            .Select(name => name[..^ending.Length]).Where(allowed).Order(StringComparer.Ordinal)];

    private static Func<string, bool> Under(string prefix) => name => name.StartsWith(prefix, StringComparison.Ordinal);

    private static bool Fits(Checkpoint checkpoint, string prefix, ModelConfig config)
    {
        return Is(Embedding, config.Vocab, config.Hidden) && Projection.All.All(projection =>
        {
            var (rows, columns) = projection.ShapeIn(config);
            return Is($"{FirstLayer}{projection.Module}.{projection.Name}.weight", rows, columns);
        });

        bool Is(string name, int rows, int columns) =>
            checkpoint.Tensors.TryGetValue(prefix + name, out var tensor) && (Nf4Checkpoint.Holds(checkpoint, prefix + name)
                ? Nf4Checkpoint.ShapeOf(checkpoint, prefix + name) : tensor.Shape).SequenceEqual([rows, columns]);
    }

    /// <summary>What the names begin with, up to the number of a layer; the commonest first.</summary>
    private static string Beginnings(IEnumerable<string> names)
    {
        var found = names.GroupBy(name => string.Join('.', name.Split('.').TakeWhile(part => !int.TryParse(part, out _))) is var start
            && start.Length < name.Length ? start + ".N." : name).OrderByDescending(group => group.Count())
            .ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Key).ToList();
        return found.Count == 0 ? "no tensor at all" : string.Join(", ", found.Take(4)) + (found.Count > 4 ? ", ..." : "");
    }
}
