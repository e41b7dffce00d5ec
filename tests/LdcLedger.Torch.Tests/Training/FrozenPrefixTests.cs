using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

public sealed class FrozenPrefixTests
{
    private static readonly TrainingOptions Options = new(Epochs: 3, BatchRows: 3, LearningRate: 5e-3, Seed: 2);

    [Theory]
    [InlineData("llama", 3)]
    [InlineData("llama", 4)]
    [InlineData("gemma3", 6)]
    public void Losses_with_and_without_it_are_the_same_bit_for_bit(string family, int layer)
    {
        using var model = SmallModel.Load(family);
        var data = SmallModel.Text(7, 100);
        var prefix = new FrozenPrefix(model, data, layer);
        List<TrainingStep> Losses(FrozenPrefix? shared, long seed)
        {
            List<TrainingStep> steps = [];
            using var training = new LoraTraining(model, data, SmallModel.Adapt(model, from: layer, dropout: 0.1),
                Options with { Seed = seed }, prefix: shared);
            training.Run(step => steps.Add(step with { Elapsed = default }));
            return steps;
        }

        Assert.Equal(Losses(null, 2), Losses(prefix, 2));
        Assert.Equal(Losses(null, 3), Losses(prefix, 3));           // all of it is there by now
        Assert.Equal(Evaluation.Of(model, null, data), Evaluation.Of(model, null, data, prefix: prefix));
    }

    [Fact]
    public void On_disk_it_holds_the_same_and_leaves_nothing_behind()
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var model = SmallModel.Llama();
        var data = SmallModel.Text(7, 100);
        using (var prefix = new FrozenPrefix(model, data, 3, folder))
        {
            var expected = Evaluation.Of(model, null, data);
            Assert.Equal(expected, Evaluation.Of(model, null, data, prefix: prefix));
            Assert.Equal(expected, Evaluation.Of(model, null, data, prefix: prefix));   // read, this time
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        }
        Directory.Delete(folder);
    }

    [Fact]
    public void A_disk_without_room_for_it_is_an_error_before_anything_is_computed()
    {
        using var model = SmallModel.Llama();
        var rows = (int)(new DriveInfo(Path.GetTempPath()).AvailableFreeSpace / FrozenPrefix.BytesFor(1, 4096, model.Config.Hidden)) + 1000;
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        var refused = Assert.Throws<IOException>(() => new MappedRows(folder, rows, 4096 * model.Config.Hidden));
        Assert.Contains("has room for", refused.Message, StringComparison.Ordinal);

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    [Fact]
    public void Runs_may_fill_it_together()
    {
        using var model = SmallModel.Llama();
        var data = SmallModel.Text(7, 100);
        var prefix = new FrozenPrefix(model, data, 3);
        double Nats(FrozenPrefix? shared, long seed)
        {
            double nats = 0;
            using var training = new LoraTraining(model, data, SmallModel.Adapt(model, from: 3), Options with { Seed = seed },
                prefix: shared);
            training.Run(step => nats += step.Nats);
            return nats;
        }
        var alone = Enumerable.Range(0, 4).Select(seed => Nats(null, seed)).ToArray();
        var together = new double[4];

        Parallel.For(0, 4, seed => together[seed] = Nats(prefix, seed));

        Assert.Equal(alone, together);
    }

    [Fact]
    public void A_run_that_adapts_a_lower_layer_cannot_use_it()
    {
        using var model = SmallModel.Llama();
        var data = SmallModel.Text(3, 64);
        Assert.Throws<ArgumentException>(() =>
            new LoraTraining(model, data, SmallModel.Adapt(model, from: 2), Options, prefix: new FrozenPrefix(model, data, 3)));
    }
}
