using System.Text.Json;

namespace LdcLedger.Torch.Models;

/// <summary>
/// The shapes of the four models of the published study, and of a tiny one, for whoever has no checkpoint at hand: as their config.json says it
/// (huggingface.co/meta-llama/Llama-3.2-1B and -3B, google/gemma-3-1b-pt and -4b-pt), without what has no part in shape or arithmetic.
/// </summary>
public static class PublishedShapes
{
    private static readonly Dictionary<string, string> Configurations = new(StringComparer.Ordinal)
    {
        ["tiny"] = """
            {"model_type":"llama","hidden_size":128,"intermediate_size":320,"num_hidden_layers":8,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":32,
             "vocab_size":2048,"rms_norm_eps":1e-05,"tie_word_embeddings":true,"max_position_embeddings":2048,"torch_dtype":"bfloat16","rope_theta":500000.0,
             "rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":256},
             "bos_token_id":2040,"eos_token_id":2041}
            """,
        ["llama-3.2-1b"] = """
            {"model_type":"llama","hidden_size":2048,"intermediate_size":8192,"num_hidden_layers":16,"num_attention_heads":32,"num_key_value_heads":8,"head_dim":64,
             "vocab_size":128256,"rms_norm_eps":1e-05,"tie_word_embeddings":true,"max_position_embeddings":131072,"torch_dtype":"bfloat16","rope_theta":500000.0,
             "rope_scaling":{"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192},
             "bos_token_id":128000,"eos_token_id":128001}
            """,
        ["llama-3.2-3b"] = """
            {"model_type":"llama","hidden_size":3072,"intermediate_size":8192,"num_hidden_layers":28,"num_attention_heads":24,"num_key_value_heads":8,"head_dim":128,
             "vocab_size":128256,"rms_norm_eps":1e-05,"tie_word_embeddings":true,"max_position_embeddings":131072,"torch_dtype":"bfloat16","rope_theta":500000.0,
             "rope_scaling":{"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192},
             "bos_token_id":128000,"eos_token_id":128001}
            """,
        ["gemma-3-1b"] = """
            {"model_type":"gemma3_text","hidden_size":1152,"intermediate_size":6912,"num_hidden_layers":26,"num_attention_heads":4,"num_key_value_heads":1,"head_dim":256,
             "vocab_size":262144,"rms_norm_eps":1e-06,"max_position_embeddings":32768,"torch_dtype":"bfloat16","query_pre_attn_scalar":256,"sliding_window":512,
             "sliding_window_pattern":6,"rope_theta":1000000,"rope_local_base_freq":10000,"bos_token_id":2,"eos_token_id":[1,106]}
            """,
        ["gemma-3-4b"] = """
            {"model_type":"gemma3","torch_dtype":"bfloat16","eos_token_id":[1,106],
             "text_config":{"hidden_size":2560,"intermediate_size":10240,"num_hidden_layers":34,"sliding_window":1024,"rope_scaling":{"rope_type":"linear","factor":8.0}}}
            """,
    };

    public static IReadOnlyList<string> Names { get; } = [.. Configurations.Keys];

    /// <exception cref="InvalidInputException">There is no shape of that name.</exception>
    public static ModelConfig Of(string name)
    {
        if (!Configurations.TryGetValue(name, out var text)) throw new InvalidInputException($"shape is {name}; allowed are {string.Join(", ", Names)}.");
        using var document = JsonDocument.Parse(text);
        return new ConfigReader(name, document.RootElement).Read();
    }

    /// <summary>The shape that a model's name or folder tells: <c>Llama-3.2-1B-Instruct</c> is llama-3.2-1b; null where it tells none.</summary>
    public static string? NamedBy(string modelName)
    {
        var name = modelName.ToLowerInvariant().Replace('_', '-');
        return Names.FirstOrDefault(shape => shape != "tiny" && (name == shape || name.StartsWith(shape + "-", StringComparison.Ordinal)));
    }
}
