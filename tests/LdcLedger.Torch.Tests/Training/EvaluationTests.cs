using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

public sealed class EvaluationTests
{
    [Fact]
    public void The_batch_size_changes_nothing()
    {
        using var model = SmallModel.Gemma3();
        var held = SmallModel.Text(7, 90);
        var one = Evaluation.Of(model, null, held, batchRows: 1);

        Assert.Equal(one.ScoredTokens, Evaluation.Of(model, null, held, batchRows: 5).ScoredTokens);
        Assert.Equal(one.TotalNats, Evaluation.Of(model, null, held, batchRows: 5, threads: 2).TotalNats, 1e-9 * one.TotalNats);
    }

    [Fact]
    public void Two_halves_add_up_to_the_whole()
    {
        using var model = SmallModel.Llama();
        var held = SmallModel.Text(6, 50);
        PackedRows Part(int from, int rows) => new(50, held.InputIds[(from * 50)..((from + rows) * 50)],
            held.Labels[(from * 50)..((from + rows) * 50)], held.PositionIds[(from * 50)..((from + rows) * 50)]);
        Likelihood whole = Evaluation.Of(model, null, held), first = Evaluation.Of(model, null, Part(0, 2)),
            second = Evaluation.Of(model, null, Part(2, 4));

        Assert.Equal(whole.ScoredTokens, first.ScoredTokens + second.ScoredTokens);
        Assert.Equal(whole.TotalNats, first.TotalNats + second.TotalNats, 1e-9 * whole.TotalNats);
        Assert.Equal(Math.Exp(whole.TotalNats / whole.ScoredTokens), whole.Perplexity);
    }

    [Fact]
    public void Text_without_a_scored_token_has_no_perplexity()
    {
        using var model = SmallModel.Llama();
        var silent = new PackedRows(4, [5, 6, 7, 8], [5, -100, -100, -100], [0, 1, 2, 3]);

        Assert.Contains("no token to score", Assert.Throws<InvalidInputException>(() => Evaluation.Of(model, null, silent)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_with_numbers_that_are_none_has_no_perplexity_either()
    {
        var folder = Directory.CreateTempSubdirectory("ldc-nan-").FullName;
        foreach (var file in Directory.EnumerateFiles(RepositoryFiles.Golden("logits", "llama-gqa-rope3-tied", "model")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        using (var weights = new FileStream(Path.Combine(folder, "model.safetensors"), FileMode.Open))
        {
            weights.Seek(-4, SeekOrigin.End);
            weights.Write([0xff, 0xff, 0xff, 0xff]);                // a NaN in fp32 as in two numbers of bf16
        }
        using (var model = BaseModel.Load(folder))
            Assert.Contains($"the base {folder} holds NaN or infinite numbers",
                Assert.Throws<InvalidInputException>(() => Evaluation.Of(model, null, SmallModel.Text(4, 64))).Message,
                StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Weights_kept_in_bf16_follow_fp32_within_a_percent()
    {
        foreach (var family in (string[])["llama", "gemma3"])
        {
            using var whole = SmallModel.Load(family);
            using var brief = SmallModel.Load(family, "bfloat16");
            var held = SmallModel.Text(4, 64);
            Likelihood expected = Evaluation.Of(whole, null, held), found = Evaluation.Of(brief, null, held);

            Assert.NotEqual(expected.TotalNats, found.TotalNats);
            Assert.Equal(expected.TotalNats, found.TotalNats, 0.01 * expected.TotalNats);
            List<double> Losses(BaseModel model)
            {
                List<double> losses = [];
                using var training = new LoraTraining(model, held, SmallModel.Adapt(model),
                    new TrainingOptions(Epochs: 4, LearningRate: 5e-3));
                training.Run(step => losses.Add(step.MeanLossNats));
                return losses;
            }
            Assert.All(Losses(whole).Zip(Losses(brief)), pair => Assert.Equal(pair.First, pair.Second, 0.01 * pair.First));
        }
    }
}
