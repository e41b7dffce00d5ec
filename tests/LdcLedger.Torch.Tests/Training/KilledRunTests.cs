using System.Diagnostics;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Training;

/// <summary>
/// A process that trains is killed without warning, again and again; what it left on disk is enough to end as if nothing had happened.
/// </summary>
[Trait("Needs", "processes")]
public sealed class KilledRunTests : IDisposable
{
    private const string FolderVariable = "LDC_TEST_KILLED_RUN";

    private static readonly TrainingOptions Options = new(Epochs: 4, BatchRows: 2, LearningRate: 5e-3, WarmupShare: 0.1, Seed: 33);

    // Of a child it is its parent's: killed, it could not take one of its own away.
    private static readonly string? Inherited = Environment.GetEnvironmentVariable(FolderVariable);

    private readonly string _folder = Inherited ?? Directory.CreateTempSubdirectory("ldc-killed-").FullName;

    [Fact]
    public async Task A_run_killed_at_random_moments_ends_bitwise_as_the_undisturbed_one()
    {
        using var model = SmallModel.Gemma3();
        using var undisturbed = New(model);
        var expected = Numbers(undisturbed.Run().Adapter);
        var random = new SplitMix(17);
        var kills = 0;
        var final = Path.Combine(_folder, "final.checkpoint");
        while (!File.Exists(final))
        {
            using var child = Start();
            // Killed after so many further checkpoints, at whatever point of the next steps it then is.
            var after = LastStep() + 1 + random.NextInt(6);
            while (!child.HasExited && LastStep() < after)
                await Task.Delay(1, TestContext.Current.CancellationToken);
            if (!child.HasExited && kills < 5)
            {
                child.Kill();
                kills++;
            }
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(child.ExitCode is 0 or 137, $"the child ended with {child.ExitCode}");
        }

        Assert.Equal(5, kills);
        using var ended = New(model);
        ended.Resume(TrainingCheckpoint.Read(final));
        Assert.Equal(ended.TotalSteps, ended.Step);
        Assert.Equal(expected, Numbers(ended.Adapter));
    }

    /// <summary>The process that is killed: this test program once more.</summary>
    [Fact(Explicit = true)]
    public void Child()
    {
        Assert.SkipWhen(Inherited is null, "runs as the child of another test only");
        using var model = SmallModel.Gemma3();
        using var training = New(model);
        var checkpoint = Path.Combine(_folder, "run.checkpoint");
        if (File.Exists(checkpoint)) training.Resume(TrainingCheckpoint.Read(checkpoint));
        training.Run(step =>
        {
            training.Checkpoint().Write(checkpoint);
            File.WriteAllText(Path.Combine(_folder, "step"), $"{step.Step}");
        });
        training.Checkpoint().Write(Path.Combine(_folder, "final.checkpoint"));
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory,
            typeof(KilledRunTests).Assembly.GetName().Name!)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-explicit", "only", "-method", $"{typeof(KilledRunTests).FullName}.{nameof(Child)}"])
            start.ArgumentList.Add(argument);
        start.Environment[FolderVariable] = _folder;
        var child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }

    private int LastStep()
    {
        var file = Path.Combine(_folder, "step");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), out var step) ? step : 0;
    }

    private static LoraTraining New(BaseModel model) => new(model, SmallModel.Text(30, 96), SmallModel.Adapt(model, dropout: 0.2), Options);

    private static float[] Numbers(LoraAdapter adapter) => [.. adapter.Modules.SelectMany(module => module.A.Concat(module.B))];

    public void Dispose()
    {
        if (Inherited is null) Directory.Delete(_folder, recursive: true);
    }
}
