using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

public sealed class RowOrderTests
{
    private static readonly int[] Tokens = [5, 7, 11, 13, 17, 19, 23];

    [Theory]
    [InlineData(7)]
    [InlineData(3)]
    public void Tokens_read_up_to_a_row_are_those_of_the_rows_before_it(int perEpoch)
    {
        var order = new RowOrder(Tokens.Length, perEpoch, Seed: 5);
        var read = Enumerable.Range(0, 3).SelectMany(order.Of).ToList();

        for (var rows = 0; rows <= read.Count; rows++)
            Assert.Equal(read.Take(rows).Sum(row => Tokens[row]), order.Tokens(rows / perEpoch, Tokens, rows % perEpoch));
        Assert.Equal(order.Tokens(2, Tokens), order.Tokens(1, Tokens, perEpoch));
    }

    [Fact]
    public void A_training_has_read_what_its_steps_took_whether_it_was_resumed_or_not()
    {
        using var model = SmallModel.Load("llama");
        var data = SmallModel.Text(7, 24);
        var options = new TrainingOptions(Epochs: 2, BatchRows: 2, Seed: 3);
        using var whole = new LoraTraining(model, data, SmallModel.Adapt(model), options);
        using var resumed = new LoraTraining(model, data, SmallModel.Adapt(model), options);
        var read = new List<long>();
        whole.Run(_ => read.Add(whole.TrainedTokens(Tokens)));
        resumed.Resume(new TrainingCheckpoint(5, whole.Checkpoint().Parameters, whole.Checkpoint().FirstMoments,
            whole.Checkpoint().SecondMoments, []));

        // Rows 2, 2, 2 and 1 an epoch.
        Assert.Equal(8, read.Count);
        Assert.Equal(Tokens.Sum(), read[3]);
        Assert.Equal(2 * Tokens.Sum(), read[7]);
        Assert.Equal(read[4], resumed.TrainedTokens(Tokens));
        Assert.Equal(read.Order(), read);
    }
}
