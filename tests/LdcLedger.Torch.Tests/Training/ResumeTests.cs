using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

public sealed class ResumeTests : IDisposable
{
    private static readonly TrainingOptions Options = new(Epochs: 3, BatchRows: 2, Accumulation: 2, LearningRate: 5e-3, WarmupShare: 0.1,
        Seed: 21);

    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-resume-").FullName;

    [Theory]
    [InlineData("llama", 1)]
    [InlineData("llama", 4)]
    [InlineData("gemma3", 7)]
    public void A_resumed_run_ends_as_the_undisturbed_one(string family, int after)
    {
        using var model = SmallModel.Load(family);
        var path = Path.Combine(_folder, "run.checkpoint");
        var whole = New(model).Run();
        string? hash = null;
        using (var first = New(model))
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => first.Run(step =>
            {
                if (step.Step == after) stop.Cancel();
            }, cancellation: stop.Token));
            hash = first.Checkpoint().Write(path);
        }
        using var second = New(model);
        second.Resume(TrainingCheckpoint.Read(path, hash));
        List<int> steps = [];

        var resumed = second.Run(step => steps.Add(step.Step));

        Assert.Equal(Enumerable.Range(after + 1, whole.Steps - after), steps);
        Assert.Equal(Numbers(whole.Adapter), Numbers(resumed.Adapter));
    }

    [Fact]
    public void A_checkpoint_is_known_by_its_hash()
    {
        using var model = SmallModel.Llama();
        var path = Path.Combine(_folder, "run.checkpoint");
        using var training = New(model);
        var hash = training.Checkpoint().Write(path);
        Assert.Equal(hash, training.Checkpoint().Write(path));      // the same state, the same bytes
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.Contains("recorded as " + hash, Assert.Throws<InvalidInputException>(() => TrainingCheckpoint.Read(path, hash)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused()
    {
        using var model = SmallModel.Llama();
        using var training = New(model);
        using var other = new LoraTraining(model, SmallModel.Text(9, 64), SmallModel.Adapt(model, rank: 2), Options);

        Assert.Contains("this run trains", Assert.Throws<InvalidInputException>(() => other.Resume(training.Checkpoint())).Message,
            StringComparison.Ordinal);
        Assert.Contains("this run has",
            Assert.Throws<InvalidInputException>(() => training.Resume(training.Checkpoint() with { Step = 99 })).Message,
            StringComparison.Ordinal);
        Assert.Contains("does not exist",
            Assert.Throws<InvalidInputException>(() => TrainingCheckpoint.Read(Path.Combine(_folder, "none"), "00")).Message,
            StringComparison.Ordinal);
    }

    private static LoraTraining New(BaseModel model) => new(model, SmallModel.Text(9, 64), SmallModel.Adapt(model, dropout: 0.2), Options);

    private static float[] Numbers(LoraAdapter adapter) => [.. adapter.Modules.SelectMany(module => module.A.Concat(module.B))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
