using System.Text.Json.Nodes;
using LdcLedger.Torch.Models;
using Xunit;

namespace LdcLedger.Torch.Tests.Models;

public sealed class QuantisationTests
{
    private static string Refusal(ModelFolder folder) =>
        Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message;

    [Theory]
    [InlineData("""{"quant_method":"compressed-tensors","format":"float-quantized"}""", "(compressed-tensors, float-quantized)")]
    [InlineData("""{"quant_method":"bitsandbytes","load_in_8bit":true}""", "(bitsandbytes, 8 bit)")]
    [InlineData("""{"load_in_4bit":true,"load_in_8bit":false,"bnb_4bit_quant_type":"fp4"}""", "(bitsandbytes, 4 bit fp4)")]
    [InlineData("""{"quant_method":"bitsandbytes","load_in_4bit":true}""", "(bitsandbytes, 4 bit)")]
    [InlineData("""{"quant_method":"gptq","bits":4,"group_size":128}""", "(GPTQ, 4 bit)")]
    [InlineData("""{"quant_method":"awq","bits":4,"version":"gemm"}""", "(AWQ, 4 bit)")]
    [InlineData("""{"quant_method":"fp8","fmt":"e4m3","weight_block_size":[128,128]}""", "(FP8, e4m3)")]
    [InlineData("""{"quant_method":"modelopt","quant_algo":"NVFP4"}""", "(ModelOpt, NVFP4)")]
    [InlineData("""{"quant_method":"something-new"}""", "(something-new)")]
    [InlineData("""{"group_size":64,"bits":4}""", "(4 bit)")]
    [InlineData("\"gptq\"", "(GPTQ)")]
    [InlineData("[{\"quant_method\":\"awq\"}]", "(quantization_config)")]
    [InlineData("4", "(quantization_config)")]
    public void A_scheme_that_the_configuration_states_is_named(string stated, string says)
    {
        foreach (var (key, nested) in ((string, bool)[])
            [("quantization_config", false), ("quantization", false), ("compression_config", true)])
        {
            using var folder = ModelFolder.Golden("llama-packed").Config(config =>
            {
                if (nested) config["text_config"] = new JsonObject { [key] = JsonNode.Parse(stated) };
                else config[key] = JsonNode.Parse(stated);
            });

            Assert.Contains($"states a quantised checkpoint {says}", Refusal(folder), StringComparison.Ordinal);
            Assert.Contains(says, Assert.Throws<InvalidInputException>(() => ModelConfig.Read(folder["config.json"])).Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("false")]
    [InlineData("""{"load_in_4bit":false,"load_in_8bit":false}""")]
    [InlineData("""{"quant_method":"bitsandbytes","load_in_4bit":false,"load_in_8bit":false}""")]
    public void A_scheme_that_is_switched_off_is_none(string stated)
    {
        using var folder = ModelFolder.Golden("llama-packed").Config(config => config["quantization_config"] = JsonNode.Parse(stated));

        ModelDirectory.Open(folder.Path).Dispose();
    }

    /// <summary>Two tensors of each scheme as its tools write them, in place of one projection.</summary>
    public static TheoryData<string, string, string> Tensors => new()
    {
        { "FP8", ".weight F8_E4M3", ".weight_scale F32" },
        { "FP8", ".weight F8_E5M2", ".weight_scale_inv F32" },
        { "INT8", ".weight I8", ".weight_scale F32" },
        { "bitsandbytes, 8 bit", ".weight I8", ".SCB F32" },
        { "bitsandbytes, 4 bit fp4", ".weight U8", ".weight.quant_state.bitsandbytes__fp4 U8" },
        { "bitsandbytes, 4 bit", ".weight U8", ".weight.absmax F32" },
        { "GPTQ", ".qweight I32", ".g_idx I32" },
        { "AWQ or GPTQ", ".qweight I32", ".qzeros I32" },
        { "compressed-tensors", ".weight_packed I32", ".weight_scale BF16" },
        { "HQQ", ".W_q U8", ".meta U8" },
        { "AQLM", ".codes I8", ".codebooks F16" },
        { "EXL2", ".q_weight I32", ".q_scale I32" },
        { "MLX", ".weight U32", ".scales F16" },
        { "4 bit, packed", ".weight U8", ".scale F16" },
        { "FP4", ".weight F4", ".weight_scale F8_E4M3" },
    };

    [Theory]
    [MemberData(nameof(Tensors))]
    public void A_scheme_that_only_the_tensors_show_is_named(string scheme, string first, string second)
    {
        using var folder = ModelFolder.Golden("llama-packed").Tensors(tensor =>
            tensor.Name.EndsWith("q_proj.weight", StringComparison.Ordinal) ? [Like(tensor, first), Like(tensor, second)] : [tensor]);

        Assert.Contains($"is a quantised checkpoint ({scheme}): its tensor model.layers.", Refusal(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quantize_config.json", "(GPTQ)")]
    [InlineData("quant_config.json", "(AWQ)")]
    public void A_file_beside_the_configuration_names_what_the_tensors_leave_open(string file, string says)
    {
        using var folder = ModelFolder.Golden("llama-packed").Write(file, """{"bits":4}""").Tensors(tensor =>
            [tensor.Name.EndsWith("q_proj.weight", StringComparison.Ordinal) ? Like(tensor, ".qweight I32") : tensor]);

        Assert.Contains(says, Refusal(folder), StringComparison.Ordinal);
    }

    private static StoredTensor Like(StoredTensor tensor, string nameAndType)
    {
        var (name, type) = (nameAndType.Split(' ')[0], nameAndType.Split(' ')[1]);
        var bits = type switch
        {
            "F4" => 4,
            "U8" or "I8" or "F8_E4M3" or "F8_E5M2" => 8,
            "F16" or "BF16" => 16,
            "F32" or "I32" or "U32" => 32,
            _ => throw new ArgumentOutOfRangeException(nameof(nameAndType)),
        };
        return new(tensor.Name.Replace(".weight", name, StringComparison.Ordinal), type, tensor.Shape,
            new byte[tensor.Shape[0] * tensor.Shape[1] * bits / 8]);
    }
}
