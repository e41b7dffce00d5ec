using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

public sealed class LoraTrainingTests
{
    private static readonly TrainingOptions Options = new(Epochs: 2, BatchRows: 3, Accumulation: 2, LearningRate: 5e-3, WarmupShare: 0.2,
        Seed: 11);

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma3")]
    public void The_packed_loss_is_the_sum_of_the_separate_losses(string family)
    {
        using var model = SmallModel.Load(family);
        var packed = SmallModel.Text(4, 64);
        var adapter = Train(model, Options);

        Likelihood together = Evaluation.Of(model, adapter, packed),
            apart = Evaluation.Of(model, adapter, SmallModel.Apart(packed));

        Assert.Equal(apart.ScoredTokens, together.ScoredTokens);
        Assert.Equal(apart.TotalNats, together.TotalNats, 1e-6 * apart.TotalNats);
    }

    [Theory]
    [InlineData("llama", 0.0)]
    [InlineData("llama", 0.3)]
    [InlineData("gemma3", 0.3)]
    public void Gradients_are_the_slopes_of_the_loss(string family, double dropout)
    {
        using var model = SmallModel.Load(family);
        var data = SmallModel.Text(2, 40);
        var layout = AdapterLayout.For(model.Config, SmallModel.Adapt(model, from: 1));
        using var arithmetic = model.NewArithmetic();
        using var parameters = arithmetic.NewMatrix(1, layout.Total);
        var random = new SplitMix(9);
        var at = layout.Initial(4).Select(value => value + (float)(0.1 * (random.NextDouble() - 0.5))).ToArray();
        parameters.Set(at);
        using var pass = new Pass(model, 2, 40, 40, layout, new FlatRows([parameters]), train: true, dropout);
        var batch = TokenBatch.Of(data, [0, 1], 2);
        var key = new DropoutKey(true, 5, 6, 7);
        pass.LossAndGradients(batch, 1, key);
        var gradients = pass.Gradients.Rows[0].ToArray();

        // Along a random direction, so that every parameter counts; central differences.
        var direction = at.Select(_ => random.NextDouble() - 0.5).ToArray();
        double Loss(double by)
        {
            parameters.Set([.. at.Zip(direction, (value, d) => (float)(value + by * d))]);
            pass.Gradients.Zero(arithmetic);
            pass.LossAndGradients(batch, 1, key);
            return arithmetic.Read(pass.Nats, []).Sum;
        }
        var slope = (Loss(1e-3) - Loss(-1e-3)) / 2e-3;

        var expected = gradients.Zip(direction, (g, d) => g * d).Sum();
        Assert.Equal(expected, slope, 0.01 * Math.Abs(expected));
    }

    [Theory]
    [InlineData("q_proj")]
    [InlineData("o_proj")]
    [InlineData("up_proj")]
    [InlineData("down_proj")]
    [InlineData("v_proj", "gate_proj")]
    [InlineData("o_proj", "down_proj")]
    public void A_projection_of_the_lowest_layer_has_the_gradient_that_it_has_among_all(params string[] projections)
    {
        foreach (var family in (string[])["llama", "gemma3"])
        {
            using var model = SmallModel.Load(family);
            var all = OneStep(model, SmallModel.Adapt(model));
            var few = OneStep(model, SmallModel.Adapt(model, from: 2, projections: projections));

            Assert.Equal((model.Config.Layers - 2) * projections.Length, few.Modules.Count);
            foreach (var module in few.Modules)
            {
                var same = all.Modules.Single(m => m.ModulePath == module.ModulePath);
                Assert.Equal(same.A, module.A);
                Assert.Equal(same.B.Select(b => Math.Sign(b)), module.B.Select(b => Math.Sign(b)));
            }
        }

        // With B = 0, A's gradient is 0 and B's moves by its sign: the first step shows the signs of its gradients.
        static LoraAdapter OneStep(BaseModel model, LoraOptions lora)
        {
            using var training = new LoraTraining(model, SmallModel.Text(3, 64), lora,
                new TrainingOptions(BatchRows: 3, LearningRate: 1e-3, WeightDecay: 0));
            return training.Run().Adapter;
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    public void Threads_change_nothing(double dropout)
    {
        using var model = SmallModel.Llama();
        Assert.Equal(Numbers(Train(model, Options, dropout, length: 300)),
            Numbers(Train(model, Options with { Threads = 3 }, dropout, length: 300)));
    }

    [Theory]
    [InlineData("llama", 0.0)]
    [InlineData("gemma3", 0.25)]
    public void Libtorch_trains_as_the_exact_arithmetic_does(string family, double dropout)
    {
        using var simd = SmallModel.Load(family);
        using var aten = BaseModel.Load(simd.Directory, "float32", "cpu:torch");
        List<double> Losses(BaseModel model)
        {
            List<double> losses = [];
            using var training = new LoraTraining(model, SmallModel.Text(7, 64), SmallModel.Adapt(model, dropout), Options);
            training.Run(step => losses.Add(step.MeanLossNats));
            return losses;
        }

        Assert.All(Losses(simd).Zip(Losses(aten)), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * pair.First));
    }

    [Fact]
    public void Runs_that_share_a_base_do_not_disturb_one_another()
    {
        using var model = SmallModel.Gemma3();
        var alone = Enumerable.Range(1, 3).Select(seed => Numbers(Train(model, Options with { Seed = seed }))).ToArray();

        var together = new float[3][];
        Parallel.For(0, 3, i => together[i] = Numbers(Train(model, Options with { Seed = i + 1 })));

        Assert.Equal(alone, together);
        Assert.NotEqual(alone[0], alone[1]);
    }

    [Fact]
    public void A_fresh_adapter_changes_nothing()
    {
        using var model = SmallModel.Llama();
        using var training = new LoraTraining(model, SmallModel.Text(2, 64), SmallModel.Adapt(model), Options);
        var held = SmallModel.Text(3, 64, seed: 8);

        Assert.Equal(Evaluation.Of(model, null, held), Evaluation.Of(model, training.Adapter, held));
        Assert.All(training.Adapter.Modules, module =>
            Assert.InRange(module.A.Max(Math.Abs), 0.8 / Math.Sqrt(module.InFeatures), 1 / Math.Sqrt(module.InFeatures)));
    }

    [Fact]
    public void Training_lowers_the_loss_and_reports_every_step_and_epoch()
    {
        using var model = SmallModel.Llama();
        List<TrainingStep> steps = [];
        List<TrainingEpoch> epochs = [];
        using var training = new LoraTraining(model, SmallModel.Text(7, 64), SmallModel.Adapt(model), Options with { Epochs = 8 });

        var result = training.Run(steps.Add, epochs.Add);

        Assert.Equal(16, result.Steps);                            // 7 rows at 6 a step: the second takes the last one
        Assert.Equal(Enumerable.Range(1, 16), steps.Select(step => step.Step));
        Assert.Equal([1, 1, 2, 2], steps.Take(4).Select(step => step.Epoch));
        Assert.True(steps[^2].MeanLossNats < steps[0].MeanLossNats - 0.3);
        Assert.Equal(Enumerable.Range(1, 8), epochs.Select(epoch => epoch.Epoch));
        Assert.Equal(UpdateNorms.Of(result.Adapter, model), epochs[^1].Norms);
        Assert.All(epochs[^1].Norms, norm => Assert.True(norm.DeltaFrobenius > 0 && norm.BaseFrobenius > 1));
    }

    [Fact]
    public void A_capped_epoch_goes_on_through_the_rows_where_the_one_before_stopped()
    {
        using var model = SmallModel.Llama();
        using var training = new LoraTraining(model, SmallModel.Text(7, 64), SmallModel.Adapt(model), Options with { RowsPerEpoch = 4 });

        var read = Enumerable.Range(0, 7).SelectMany(training.Order.Of).ToList();

        Assert.Equal(Enumerable.Repeat(4, 7), Enumerable.Range(0, 7).Select(epoch => training.Order.Of(epoch).Length));
        Assert.All(read.Chunk(7), pass => Assert.Equal(Enumerable.Range(0, 7), pass.Order()));
        Assert.NotEqual(read[..7], read[7..14]);
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_the_run_with_the_step_and_the_last_good_loss()
    {
        using var model = SmallModel.Llama();
        List<TrainingStep> steps = [];
        using var training = new LoraTraining(model, SmallModel.Text(6, 64), SmallModel.Adapt(model),
            Options with { BatchRows = 1, Accumulation = 1, LearningRate = 1e30, WarmupShare = 0, WeightDecay = 0 });

        var result = training.Run(steps.Add);

        Assert.Equal(new TrainingDiverged(steps.Count + 1, steps[^1].MeanLossNats), result.Divergence);
        Assert.True(double.IsFinite(steps[^1].MeanLossNats) && result.Steps == steps.Count);
    }

    [Fact]
    public void A_cancelled_run_stops_between_two_steps()
    {
        using var model = SmallModel.Llama();
        using var stop = new CancellationTokenSource();
        using var training = new LoraTraining(model, SmallModel.Text(8, 64), SmallModel.Adapt(model), Options with { BatchRows = 1 });

        Assert.Throws<OperationCanceledException>(() =>
            training.Run(step => { if (step.Step == 3) stop.Cancel(); }, cancellation: stop.Token));

        Assert.Equal(3, training.Step);
        Assert.Equal(3, training.Checkpoint().Step);
    }

    [Theory]
    [InlineData(0, 8, 0.0, "rank is 0")]
    [InlineData(65, 8, 0.0, "rank 65 exceeds min(in, out) = 48 of model.layers.0.self_attn.k_proj")]
    [InlineData(4, 0, 0.0, "alpha is 0")]
    [InlineData(4, 8, 1.0, "dropout is 1")]
    [InlineData(4, 8, double.NaN, "dropout is NaN")]
    public void An_adapter_that_the_model_does_not_allow_is_refused(int rank, double alpha, double dropout, string says)
    {
        using var model = SmallModel.Llama();
        var lora = new LoraOptions(rank, alpha, dropout, [new LoraTarget(0, "k_proj")]);

        Assert.Contains(says, Assert.Throws<InvalidInputException>(() =>
            new LoraTraining(model, SmallModel.Text(1, 16), lora, Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_does_not_exist_is_refused()
    {
        using var model = SmallModel.Llama();
        foreach (var (target, says) in ((LoraTarget, string)[])[(new(5, "q_proj"), "layers 0 to 4"),
            (new(0, "x_proj"), "There is no projection x_proj")])
            Assert.Contains(says, Assert.Throws<InvalidInputException>(() => new LoraTraining(model, SmallModel.Text(1, 16),
                new LoraOptions(2, 4, 0, [target]), Options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(384, 6, 0, "Token 384 is outside the model's vocabulary of 384")]
    [InlineData(-1, 6, 0, "Token -1")]
    [InlineData(5, 384, 0, "Label 384")]
    [InlineData(5, -1, 0, "Label -1")]
    [InlineData(5, 6, -1, "Position -1")]
    public void Rows_that_the_model_cannot_read_are_refused(int id, int label, int position, string says)
    {
        using var model = SmallModel.Llama();
        var rows = new PackedRows(2, [5, id], [-100, label], [0, position]);

        Assert.Contains(says, Assert.Throws<InvalidInputException>(() => Evaluation.Of(model, null, rows)).Message,
            StringComparison.Ordinal);
        Assert.Contains(says, Assert.Throws<InvalidInputException>(() =>
            new LoraTraining(model, rows, SmallModel.Adapt(model), Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_may_begin_at_any_position()
    {
        using var model = SmallModel.Llama();
        var rows = SmallModel.Text(2, 30);
        var later = rows with { PositionIds = [.. rows.PositionIds.Select(position => position + 50)] };

        // Rotary attention sees distances only.
        var expected = Evaluation.Of(model, null, rows).TotalNats;
        Assert.Equal(expected, Evaluation.Of(model, null, later).TotalNats, 1e-4 * expected);
    }

    [Fact]
    public void An_adapter_of_another_model_names_the_first_tensor_and_both_shapes()
    {
        using var llama = SmallModel.Llama();
        using var gemma = SmallModel.Gemma3();
        var adapter = Train(gemma, Options with { Epochs = 1 });

        Assert.Contains(
            "model.layers.0.self_attn.q_proj.lora_B.weight is [128, 4]; the model's projection is [96, 64], so [96, 4] is needed",
                        Assert.Throws<InvalidInputException>(() => Evaluation.Of(llama, adapter, SmallModel.Text(1, 16))).Message,
                        StringComparison.Ordinal);
    }

    private static LoraAdapter Train(BaseModel model, TrainingOptions options, double dropout = 0, int length = 64)
    {
        using var training = new LoraTraining(model, SmallModel.Text(7, length), SmallModel.Adapt(model, dropout), options);
        return training.Run().Adapter;
    }

    private static float[] Numbers(LoraAdapter adapter) => [.. adapter.Modules.SelectMany(module => module.A.Concat(module.B))];
}
