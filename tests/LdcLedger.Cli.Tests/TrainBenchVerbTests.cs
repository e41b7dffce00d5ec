using System.Text.Json;
using Xunit;

namespace LdcLedger.Cli.Tests;

public sealed class TrainBenchVerbTests
{
    private static readonly string[] Tiny = ["bench", "train", "--shape", "tiny", "--layers", "2", "--tokens", "512", "--batch", "1",
        "--rounds", "1", "--threads", "1"];

    [Fact]
    public async Task Both_sides_and_their_ratio_are_told()
    {
        var call = await Ldc.Run([.. Tiny, "--against", "autograd", "--json"]);

        Assert.Equal((0, ""), (call.Code, call.Err));
        var (ours, theirs) = (call.Json.GetProperty("ours").GetProperty("tokens_per_second").GetDouble(),
            call.Json.GetProperty("theirs").GetProperty("tokens_per_second").GetDouble());
        Assert.Equal(ours / theirs, call.Json.GetProperty("ratio").GetDouble(), 1e-9);
        Assert.Equal(["forward", "loss", "backward", "optimizer", "norms"],
            call.Json.GetProperty("split").EnumerateObject().Select(part => part.Name));
        Assert.Equal(JsonValueKind.Null, call.Json.GetProperty("at_least").ValueKind);
    }

    [Fact]
    public async Task A_ratio_below_what_is_wanted_ends_with_1()
    {
        var call = await Ldc.Run([.. Tiny, "--epochs", "2", "--adapt-layers", "1", "--against", "uncached", "--at-least", "1000"]);

        Assert.Equal(1, call.Code);
        Assert.Contains("below 1000", call.Err, StringComparison.Ordinal);
        Assert.Contains("uncached", call.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--shape llama-4", "shape is llama-4; allowed are tiny")]
    [InlineData("--model nowhere", "nowhere")]
    [InlineData("", "Name either a model or a shape to measure.")]
    [InlineData("--shape tiny --at-least 2", "--against autograd or --against uncached is needed")]
    [InlineData("--shape tiny --against peft", "against is peft; autograd and uncached are allowed.")]
    [InlineData("--shape tiny --adapt-layers 1;2", "--adapt-layers has '1;2'")]
    [InlineData("--shape tiny --adapt-layers 8", "8")]
    [InlineData("--shape tiny --rounds 0", "rounds is 0; 1 or more is allowed.")]
    [InlineData("--shape tiny --tokens 0", "tokens is 0; 1 or more is allowed.")]
    [InlineData("--shape tiny --epochs -1", "epochs is -1; 1 or more is allowed.")]
    [InlineData("--shape tiny --threads -1", "threads is -1; 0 (all) to ")]
    [InlineData("--shape tiny --threads 99999", "threads is 99999; 0 (all) to ")]
    [InlineData("--shape tiny --dtype float16", "dtype is float16; float32 and bfloat16 are allowed.")]
    [InlineData("--shape tiny --base nf5", "base is nf5; as-is, nf4, nf4-double are allowed.")]
    [InlineData("--shape tiny --batch 2000000000", "an epoch would have 1,024,000,000,000 tokens; at most 100,000,000 are measured.")]
    [InlineData("--shape tiny --length 2000000000 --tokens 5", "an epoch would have 2,000,000,000 tokens")]
    [InlineData("--shape tiny --device rocm", "device is rocm; cpu, cpu:torch, cuda and cuda:N are allowed.")]
    [InlineData("--shape tiny --device cuda:0", "this libtorch finds no CUDA device")]
    public async Task What_cannot_be_measured_is_bad_input(string options, string message)
    {
        var call = await Ldc.Run(["bench", "train", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal((2, ""), (call.Code, call.Out));
        Assert.Contains(message, call.Err, StringComparison.Ordinal);
    }
}
