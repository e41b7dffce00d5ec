using System.Text;
using System.Text.Json;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Models;

namespace LdcLedger.Torch.Tests.Nf4;

/// <summary>Numbers as a tensor of some shape.</summary>
internal sealed class Numbers(float[] values, params long[] shape) : ITensorSource
{
    public IReadOnlyList<long> Shape => shape;

    public void CopyTo(Span<float> to, long from) => values.AsSpan((int)from, to.Length).CopyTo(to);
}

/// <summary>Makes of a small model what transformers saves of it once bitsandbytes has quantised it.</summary>
internal static class SavedInNf4
{
    /// <param name="plain">Which projections stay as they are, as of unsloth's dynamic checkpoints.</param>
    public static ModelFolder Saved(this ModelFolder folder, bool twice, Func<string, bool>? plain = null) => folder
        .Config(config => config["quantization_config"] = JsonSerializer.SerializeToNode(new Dictionary<string, object>
        {
            ["_load_in_4bit"] = true, ["_load_in_8bit"] = false, ["bnb_4bit_compute_dtype"] = "bfloat16", ["bnb_4bit_quant_type"] = "nf4",
            ["bnb_4bit_use_double_quant"] = twice, ["load_in_4bit"] = true, ["load_in_8bit"] = false, ["quant_method"] = "bitsandbytes",
        }))
        .Tensors(tensor => Projection.All.Any(p => tensor.Name.EndsWith($".{p.Name}.weight", StringComparison.Ordinal))
            && plain?.Invoke(tensor.Name) != true ? Parts(tensor, twice) : [tensor]);

    private static IEnumerable<StoredTensor> Parts(StoredTensor tensor, bool twice)
    {
        var (dtype, rounding, values) = tensor.Dtype switch
        {
            "BF16" => ("bfloat16", Rounding.BrainFloat, tensor.Data.Chunk(2).Select(b => BrainFloat.Value(BitConverter.ToUInt16(b)))),
            "F32" => ("float32", Rounding.None, tensor.Data.Chunk(4).Select(b => BitConverter.ToSingle(b))),
            _ => throw new ArgumentOutOfRangeException(nameof(tensor)),
        };
        var weight = Nf4Quantiser.Of(new Numbers([.. values], tensor.Shape), rounding, twice);
        var state = new Dictionary<string, object>
        {
            ["quant_type"] = "nf4", ["blocksize"] = 64, ["dtype"] = dtype, ["shape"] = tensor.Shape,
        };
        yield return new(tensor.Name, "U8", [weight.Packed.Length, 1], weight.Packed);
        yield return Floats("quant_map", Nf4Codes.Levels);
        if (weight.Nested is { } nested)
        {
            (state["nested_blocksize"], state["nested_dtype"], state["nested_offset"]) = (256, "float32", (double)nested.Offset);
            yield return new($"{tensor.Name}.absmax", "U8", [nested.Codes.Length], nested.Codes);
            yield return Floats("nested_absmax", nested.Scales);
            yield return Floats("nested_quant_map", nested.Map);
        }
        else
        {
            yield return Floats("absmax", weight.Absmax);
        }
        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(state));
        yield return new($"{tensor.Name}.quant_state.bitsandbytes__nf4", "U8", [json.Length], json);

        StoredTensor Floats(string part, float[] numbers) =>
            new($"{tensor.Name}.{part}", "F32", [numbers.Length], [.. numbers.SelectMany(BitConverter.GetBytes)]);
    }
}
