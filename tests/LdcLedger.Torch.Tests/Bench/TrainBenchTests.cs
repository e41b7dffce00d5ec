using LdcLedger.Bench.Training;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Training;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Bench;

public sealed class TrainBenchTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void The_baseline_trains_the_same_thing(string family)
    {
        using var model = SmallModel.Load(family);
        using var aten = BaseModel.Load(model.Directory, "float32", "cpu:torch");
        var data = SmallModel.Text(4, 64);
        var options = new TrainingOptions(BatchRows: 2, LearningRate: 5e-3, Shuffle: false);
        List<double> ours = [];
        using var training = new LoraTraining(model, data, SmallModel.Adapt(model), options);
        training.Run(step => ours.Add(step.MeanLossNats));

        using var autograd = new AutogradTraining(aten, SmallModel.Adapt(model), options, 64, threads: 1);

        Assert.Equal(ours[0], autograd.Step(data, [0, 1]), 1e-5 * ours[0]);
        Assert.Equal(ours[1], autograd.Step(data, [2, 3]), 1e-5 * ours[1]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("autograd")]
    [InlineData("uncached")]
    public void A_report_is_whole(string? against)
    {
        var report = TrainBench.Run(new BenchOptions(Shape: "tiny", Layers: 2, Tokens: 1024, Epochs: 2, Against: against, AdaptLayers: [1],
            BatchRows: 1, Rank: 4, Threads: 1, Rounds: 1));

        Assert.Equal(2, report.Layers);
        Assert.Equal(4 * (128 + 128 + 2 * (128 + 64) + 128 + 128 + 2 * (128 + 320) + 320 + 128), report.Trainable);
        Assert.Equal(1, report.Split.Values.Sum(), 1e-9);
        Assert.True(report.Ours.TokensPerSecond > 0 && report.PeakGflops > 0 && report.ShareOfPeak > 0 && report.PeakMemoryBytes > 0);
        Assert.Equal(against is not null, report.Ratio > 0 && report.Theirs!.TokensPerSecond > 0);
    }

    [Fact]
    public void Every_shape_has_the_size_of_its_name()
    {
        var sizes = PublishedShapes.Names.ToDictionary(name => name, name => PublishedShapes.Of(name).TextParameters);

        Assert.Equal(1_235_814_400, sizes["llama-3.2-1b"]);
        Assert.Equal(3_212_749_824, sizes["llama-3.2-3b"]);
        Assert.Equal(999_885_952, sizes["gemma-3-1b"]);
        Assert.Equal(3_880_263_168, sizes["gemma-3-4b"]);
        Assert.Equal(1_640_576, sizes["tiny"]);
    }

    [Theory]
    [InlineData("llama-4", null, "all", "shape is llama-4; allowed are tiny")]
    [InlineData("tiny", 9, "all", "layers is 9; 1 to 8 are allowed")]
    [InlineData("tiny", null, "both", "regime is both")]
    public void What_cannot_be_measured_is_refused(string shape, int? layers, string regime, string says) =>
        Assert.Contains(says, Assert.Throws<InvalidInputException>(() =>
            TrainBench.Run(new BenchOptions(Shape: shape, Layers: layers, Regime: regime))).Message, StringComparison.Ordinal);
}
