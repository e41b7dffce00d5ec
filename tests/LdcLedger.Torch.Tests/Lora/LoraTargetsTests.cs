using System.Text.Json;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using Xunit;

namespace LdcLedger.Torch.Tests.Lora;

public sealed class LoraTargetsTests
{
    [Theory]
    [InlineData("""["q_proj","down_proj"]""", "null", 32)]
    [InlineData("""["q_proj"]""", "[0,15,99]", 2)]
    [InlineData("""["o_proj"]""", "4", 1)]
    [InlineData("""["mlp.up_proj"]""", "null", 16)]
    [InlineData("""".*layers\\.(1|4)\\.mlp\\.(gate|up)_proj"""", "null", 4)]
    public void Targets_are_matched_as_PEFT_matches_them(string modules, string layers, int count)
    {
        var json = modules.StartsWith('[') ? modules : $"\"{modules.Trim('"')}\"";
        Assert.Equal(count, LoraTargets.Of(PublishedShapes.Of("llama-3.2-1b"), JsonDocument.Parse(json).RootElement,
            JsonDocument.Parse(layers).RootElement).Count);
    }

    [Theory]
    [InlineData("\"q_proj\"", "matches no projection")]
    [InlineData("[\"proj\"]", "matches no projection")]
    [InlineData("\"(\"", "not a regular expression")]
    public void Targets_that_match_nothing_are_refused(string modules, string says) =>
        Assert.Contains(says, Assert.Throws<InvalidInputException>(() => LoraTargets.Of(PublishedShapes.Of("tiny"),
            JsonDocument.Parse(modules).RootElement, default)).Message, StringComparison.Ordinal);
}
