using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Models;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

/// <summary>Projections that are trained themselves; against PyTorch in tests/golden/full.</summary>
public sealed class FullTrainingTests : IDisposable
{
    private static readonly TrainingOptions Options = new(Epochs: 2, BatchRows: 3, Accumulation: 2, LearningRate: 2e-3, WarmupShare: 0.1,
        Seed: 21);

    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-full-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<LoraTarget> Targets(BaseModel model, IEnumerable<string> projections, int from = 0) =>
        Enumerable.Range(from, model.Config.Layers - from).SelectMany(layer => projections.Select(p => new LoraTarget(layer, p)));

    private static FullTraining New(BaseModel model, int threads = 1, params string[] projections) => new(model, SmallModel.Text(7, 300),
        Targets(model, projections.Length == 0 ? ModelConfig.ProjectionNames : projections), Options with { Threads = threads });

    private static double[] Facts(FullTraining training)
    {
        List<double> facts = [];
        training.Train(step => facts.AddRange([step.Nats, step.GradNorm]),
            epoch => facts.AddRange(epoch.Norms.SelectMany(norm => new[] { norm.DeltaFrobenius, norm.BaseFrobenius })));
        return [.. facts];
    }

    /// <summary>All of a site, some of it, or none; down to the lowest layer and not.</summary>
    [Theory]
    [InlineData("llama", "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj", 0)]
    [InlineData("gemma3", "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj", 1)]
    [InlineData("llama", "k_proj up_proj", 1)]
    [InlineData("gemma3", "q_proj v_proj gate_proj", 0)]
    [InlineData("llama", "down_proj", 2)]
    public void Gradients_are_the_slopes_of_the_loss(string family, string projections, int from)
    {
        using var model = SmallModel.Load(family);
        var data = SmallModel.Text(2, 40);
        var layout = new FullLayout(model.Config, Targets(model, projections.Split(' '), from));
        using var arithmetic = model.NewArithmetic();
        using var parameters = new FlatRows(arithmetic, layout.RowSizes);
        var at = layout.Slots.Select(slot => model.Weight(slot.Layer, slot.Projection.Name)).ToList();
        var random = new SplitMix(9);
        var direction = at.Select(row => row.Select(_ => random.NextDouble() - 0.5).ToArray()).ToList();
        using var pass = new Pass(model, 2, 40, 40, layout, parameters, train: true);
        var batch = TokenBatch.Of(data, [0, 1], 2);
        double Loss(double by)
        {
            foreach (var (i, row) in parameters.Rows.Index())
                row.Set([.. at[i].Zip(direction[i], (value, d) => (float)(value + by * d))]);
            pass.Gradients.Zero(arithmetic);
            pass.LossAndGradients(batch, 1, default);
            return arithmetic.Read(pass.Nats, []).Sum;
        }

        var slope = (Loss(2e-4) - Loss(-2e-4)) / 4e-4;
        Loss(0);
        var expected = pass.Gradients.Rows.Select((row, i) => row.ToArray().Zip(direction[i], (g, d) => g * d).Sum()).Sum();

        Assert.Equal(expected, slope, 0.02 * Math.Abs(expected) + 0.02);
    }

    [Theory]
    [InlineData("llama", "")]
    [InlineData("gemma3", "q_proj down_proj")]
    public void Bits_do_not_depend_on_threads(string family, string projections)
    {
        using var model = SmallModel.Load(family);
        string[] chosen = projections.Length == 0 ? [] : projections.Split(' ');
        using FullTraining one = New(model, 1, chosen), two = New(model, 2, chosen), three = New(model, 3, chosen);

        var expected = Facts(one);

        Assert.Equal(expected, Facts(two));
        Assert.Equal(expected, Facts(three));
        Assert.Contains(expected, value => value > 0);
    }

    [Fact]
    public void Libtorch_trains_to_nearly_the_same()
    {
        using BaseModel simd = SmallModel.Llama(), aten = BaseModel.Load(simd.Directory, "float32", "cpu:torch");
        using FullTraining ours = New(simd, 1, "k_proj", "o_proj", "up_proj"), theirs = New(aten, 1, "k_proj", "o_proj", "up_proj");

        foreach (var (a, b) in Facts(ours).Zip(Facts(theirs))) Assert.Equal(a, b, 1e-4 * Math.Abs(a) + 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_resumed_run_ends_bitwise_as_the_undisturbed_one(int after)
    {
        using var model = SmallModel.Gemma3();
        using FullTraining whole = New(model), first = New(model), second = New(model);
        var path = Path.Combine(_folder, "run.checkpoint");
        whole.Train();
        using (var stop = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(() => first.Train(step =>
            {
                if (step.Step == after) stop.Cancel();
            }, cancellation: stop.Token));
        var hash = first.SaveCheckpoint(path);

        second.ResumeFrom(path, hash);
        second.Train();

        Assert.Equal(Saved(whole), Saved(second));
        Assert.Equal(first.CheckpointBytes, new FileInfo(path).Length, 0.1 * first.CheckpointBytes);
        Assert.Equal(hash, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));
    }

    [Fact]
    public void A_checkpoint_of_another_run_or_that_changed_is_refused()
    {
        using var model = SmallModel.Llama();
        using FullTraining training = New(model), other = New(model, 1, "q_proj");
        using var lora = new LoraTraining(model, SmallModel.Text(7, 300), SmallModel.Adapt(model), Options);
        var path = Path.Combine(_folder, "run.checkpoint");
        var hash = other.SaveCheckpoint(path);

        Assert.Contains("so it is of another run", Refusal(() => training.ResumeFrom(path)), StringComparison.Ordinal);
        Assert.Contains("is not a checkpoint of a run", Refusal(() => lora.ResumeFrom(path)), StringComparison.Ordinal);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("recorded as " + hash, Refusal(() => other.ResumeFrom(path, hash)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama-bf16")]
    [InlineData("gemma3-multimodal")]
    public void What_was_trained_is_saved_under_the_checkpoint_s_names_and_merges_into_it(string name)
    {
        using var folder = ModelFolder.Golden(name);
        using var model = BaseModel.Load(folder.Path);
        using var training = new FullTraining(model, SmallModel.Text(5, 60), Targets(model, ["v_proj", "down_proj"], 1), Options);
        training.Train();
        var norms = training.Norms();
        training.SaveProjections(Path.Combine(_folder, ProjectionsMerge.FileName));

        using (var saved = new SafetensorsFile(Path.Combine(_folder, ProjectionsMerge.FileName)))
        using (var before = new Checkpoint(folder.Path))
        {
            Assert.Equal(norms.Count, saved.Tensors.Count);
            foreach (var norm in norms)
            {
                var tensorName = model.TensorName(norm.Layer, norm.Projection);
                double sum = 0;
                foreach (var (a, b) in saved[tensorName].ToFloats().Zip(before[tensorName].ToFloats()))
                    sum += ((double)a - b) * ((double)a - b);
                Assert.Equal("F32", saved[tensorName].Dtype);
                Assert.Equal(Math.Sqrt(sum), norm.DeltaFrobenius, 1e-12);
            }
        }

        var merged = Path.Combine(_folder, "merged");
        Assert.Equal(norms.Count, ProjectionsMerge.Write(folder.Path, _folder, merged));

        using var put = BaseModel.Load(merged);
        var (kept, rounded) = (training.Evaluate(SmallModel.Text(3, 60)), Evaluation.Of(put, null, SmallModel.Text(3, 60)));
        // The checkpoint's own type has fewer digits.
        Assert.Equal(kept.TotalNats, rounded.TotalNats, 2e-3 * kept.TotalNats);
        Assert.NotEqual(Evaluation.Of(model, null, SmallModel.Text(3, 60)).TotalNats, rounded.TotalNats);
        Assert.Contains("already exists", Refusal(() => ProjectionsMerge.Write(folder.Path, _folder, merged)), StringComparison.Ordinal);
        using var other = ModelFolder.Golden("llama-gqa-rope3-tied");
        Assert.Contains("do not match the base", Refusal(() => ProjectionsMerge.Write(other.Path, _folder, Path.Combine(_folder, "x"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_quantised_base_it_begins_at_the_dequantised_weight()
    {
        using var model = SmallModel.Llama("bfloat16", BaseForms.Nf4Double);
        using var training = New(model);

        Assert.All(training.Norms(), norm => Assert.Equal(0, norm.DeltaFrobenius));
        Assert.Equal(Evaluation.Of(model, null, SmallModel.Text(3, 60)).TotalNats, training.Evaluate(SmallModel.Text(3, 60)).TotalNats,
            1e-3);
    }

    [Fact]
    public void What_the_model_does_not_have_is_refused()
    {
        using var model = SmallModel.Llama();

        Assert.Contains("Layer 99 cannot be trained", Refusal(() => New([new(99, "q_proj")])), StringComparison.Ordinal);
        Assert.Contains("There is no projection x_proj", Refusal(() => New([new(0, "x_proj")])), StringComparison.Ordinal);
        Assert.Contains("at least one is needed", Refusal(() => New([])), StringComparison.Ordinal);

        void New(IEnumerable<LoraTarget> targets) => new FullTraining(model, SmallModel.Text(1, 16), targets, Options).Dispose();
    }

    private byte[] Saved(FullTraining training)
    {
        var path = Path.Combine(_folder, "saved");
        training.SaveProjections(path);
        return File.ReadAllBytes(path);
    }

    private static string Refusal(Action action) => Assert.Throws<InvalidInputException>(action).Message;
}
