using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Models;

/// <summary>A class of Hugging Face's transformers that a family's checkpoints name in their config.json.</summary>
/// <param name="ModelType">Its <c>model_type</c>.</param>
/// <param name="Name">Its entry in <c>architectures</c>.</param>
/// <param name="Multimodal">Whether the text tower sits inside a model with vision, its values under <c>text_config</c>.</param>
public sealed record Architecture(string ModelType, string Name, bool Multimodal);

/// <summary>Which paper a checkpoint follows, and everything that this decides. One row of <see cref="ModelFamilies"/>.</summary>
public sealed class ModelFamily
{
    internal ModelFamily(
        string name, string title, IReadOnlyList<Architecture> architectures, Func<ConfigReader, bool, ModelConfig> readConfig,
        Func<WeightSource, ModelConfig, Arithmetic, bool, CausalModel> load, Func<ModelConfig, long> normWeights, ChatTemplate chat,
        IReadOnlyList<(string Name, string ConfigJson)> shapes)
    {
        (Name, Title, Architectures, ReadConfig, Load) = (name, title, architectures, readConfig, load);
        (NormWeights, Chat, Shapes) = (normWeights, chat, shapes);
    }

    /// <summary>As events store it, e.g. gemma3.</summary>
    public string Name { get; }

    /// <summary>As people write it, e.g. Gemma 3.</summary>
    public string Title { get; }

    /// <summary>The first of a kind (with vision or without) is taken where a config.json names none.</summary>
    public IReadOnlyList<Architecture> Architectures { get; }

    /// <summary>(reader, multimodal): what a config.json means once every default is filled in.</summary>
    internal Func<ConfigReader, bool, ModelConfig> ReadConfig { get; }

    /// <summary>(source, config, arithmetic, keepBrainFloats): the frozen weights.</summary>
    internal Func<WeightSource, ModelConfig, Arithmetic, bool, CausalModel> Load { get; }

    /// <summary>Elements of one layer's norm weights.</summary>
    internal Func<ModelConfig, long> NormWeights { get; }

    internal ChatTemplate Chat { get; }

    /// <summary>Published shapes by name: config.json without what has no part in shape or arithmetic.</summary>
    internal IReadOnlyList<(string Name, string ConfigJson)> Shapes { get; }

    public override string ToString() => Name;
}

/// <summary>
/// The families that can be trained. To add one: its model file, its row here, its reference case in tests/golden/logits.
/// </summary>
public static class ModelFamilies
{
    public static ModelFamily Llama { get; } = new(
        name: "llama",
        title: "Llama 3",
        architectures: [new("llama", "LlamaForCausalLM", Multimodal: false)],
        readConfig: LlamaModel.ReadConfig,
        load: LlamaModel.Load,
        normWeights: LlamaModel.NormWeights,
        chat: LlamaModel.Chat,
        shapes: LlamaModel.Shapes);

    public static ModelFamily Gemma3 { get; } = new(
        name: "gemma3",
        title: "Gemma 3",
        architectures: [new("gemma3_text", "Gemma3ForCausalLM", Multimodal: false),
            new("gemma3", "Gemma3ForConditionalGeneration", Multimodal: true)],
        readConfig: Gemma3Model.ReadConfig,
        load: Gemma3Model.Load,
        normWeights: Gemma3Model.NormWeights,
        chat: Gemma3Model.Chat,
        shapes: Gemma3Model.Shapes);

    public static IReadOnlyList<ModelFamily> All { get; } = [Llama, Gemma3];

    /// <exception cref="InvalidInputException">There is no family of that name.</exception>
    public static ModelFamily Named(string name) => All.FirstOrDefault(family => family.Name == name)
        ?? throw new InvalidInputException($"There is no model family {name}; allowed are {string.Join(", ", All)}.");
}
