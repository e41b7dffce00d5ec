using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Artifacts;
using Xunit;

namespace LdcLedger.Worker.Tests;

/// <summary>An `all` run from its claim to its end, which the others are compared with.</summary>
public sealed class UndisturbedRun : IDisposable
{
    public UndisturbedRun() => Tiny.Execute(TinyRun.Planned(Regimes.All));

    internal TinyRun Tiny { get; } = new();

    public void Dispose() => Tiny.Dispose();
}

public sealed class RunExecutionTests(UndisturbedRun undisturbedRun) : IClassFixture<UndisturbedRun>
{
    private readonly TinyRun _undisturbed = undisturbedRun.Tiny;

    [Fact]
    public void A_run_states_every_epoch_every_layer_its_perplexity_and_its_adapter()
    {
        var kinds = _undisturbed.Facts.Select(f => f.GetType().Name).ToList();
        Assert.Equal(
            [
                "EpochCompleted", .. Enumerable.Repeat("LayerNormMeasured", 8),
                "EpochCompleted", .. Enumerable.Repeat("LayerNormMeasured", 8),
                "PerplexityEvaluated", "AdapterSaved", "RunCompleted",
            ], kinds);
        Assert.All(
            _undisturbed.Facts.OfType<LayerNormMeasured>(), n => Assert.Equal(Projections.All, n.Projections.Select(p => p.Projection)));
        var epochs = _undisturbed.Facts.OfType<EpochCompleted>().ToList();
        Assert.Equal(Enumerable.Range(1, epochs[1].Step), epochs.SelectMany(e => e.LossPoints).Select(p => p.Step));
        Assert.Equal(epochs[0].TotalNats, epochs[0].LossPoints.Sum(p => p.Nats), 1e-9);
    }

    [Fact]
    public void The_saved_adapter_has_the_norms_that_were_recorded()
    {
        using var tiny = new TinyRun();
        tiny.Execute(TinyRun.Planned(Regimes.Mlp));
        var saved = tiny.Facts.OfType<AdapterSaved>().Single();
        var folder = Path.Combine(tiny.Artifacts.Path, "as-peft");

        Assert.True(AdapterFiles.Export(tiny.Artifacts, saved.WeightsSha256, saved.ConfigSha256, folder));

        var adapter = PeftAdapter.Load(folder).TextTower();
        var last = tiny.Facts.OfType<LayerNormMeasured>().Where(n => n.Epoch == 2)
            .SelectMany(n => n.Projections.Select(p => (n.Layer, p.Projection, p.UpdateFrobenius)));
        Assert.Equal(last, adapter.Modules.Select(m => (m.Layer, m.Projection, UpdateNorms.DeltaFrobenius(m, adapter.Alpha))));
    }

    [Fact]
    public void A_full_run_states_its_projections_in_place_of_an_adapter_and_is_another_run_than_its_twin()
    {
        using var tiny = new TinyRun();
        var run = TinyRun.Planned(Regimes.FullMlp, Full);

        tiny.Execute(run);

        Assert.Equal("full:0-7:gate_proj,up_proj,down_proj", run.Tuning);
        Assert.NotEqual(TinyRun.Planned(Regimes.Mlp, Full).RunId, run.RunId);
        Assert.Equal(
            ["EpochCompleted", .. Enumerable.Repeat("LayerNormMeasured", 8), "PerplexityEvaluated", "ProjectionsSaved", "RunCompleted"],
            tiny.Facts.Select(f => f.GetType().Name));
        var saved = tiny.Facts.OfType<ProjectionsSaved>().Single();
        var folder = Path.Combine(tiny.Artifacts.Path, "projections");
        Assert.True(ProjectionFiles.Export(tiny.Artifacts, saved.Sha256, folder));
        using var file = new SafetensorsFile(Path.Combine(folder, ProjectionsMerge.FileName));
        using var model = BaseModel.Load(TinyRun.Model.Path);
        Assert.Equal(saved.Bytes, file.Length);
        Assert.Equal(24, file.Tensors.Count);
        foreach (var (_, layer, projection, update) in tiny.Norms())
        {
            double sum = 0;
            foreach (var (a, b) in file[model.TensorName(layer, projection)].ToFloats().Zip(model.Weight(layer, projection)))
                sum += ((double)a - b) * ((double)a - b);
            Assert.Equal(Math.Sqrt(sum), update, 1e-12);
            Assert.True(update > 0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_full_run_that_was_stopped_and_goes_on_ends_bitwise_as_if_it_had_not_been(int stopAfterStep)
    {
        using TinyRun whole = new(), disturbed = new();
        var run = TinyRun.Planned(Regimes.FullAll, Full);
        whole.Execute(run);

        Assert.ThrowsAny<OperationCanceledException>(() => disturbed.Execute(run, stopAfterStep: stopAfterStep));
        var checkpoint = disturbed.Facts.OfType<CheckpointSaved>().Single();
        disturbed.Execute(run, attempt: 2, from: checkpoint);

        Assert.Equal(whole.Norms(), disturbed.Norms());
        Assert.Equal(whole.Facts.OfType<ProjectionsSaved>(), disturbed.Facts.OfType<ProjectionsSaved>());
        Assert.Equal(whole.Facts.OfType<PerplexityEvaluated>(), disturbed.Facts.OfType<PerplexityEvaluated>());
        // Of what was written on the way, nothing but the projections is left.
        Assert.Equal([whole.Facts.OfType<ProjectionsSaved>().Single().Sha256],
            Directory.GetFiles(disturbed.Artifacts.Path).Select(f => Path.GetFileName(f)));
    }

    private static StudySpec Full => TinyRun.Spec with { Training = TinyRun.Spec.Training with { Epochs = 1, LearningRate = 1e-3 } };

    [Fact]
    public void The_pretrained_model_is_evaluated_and_not_trained()
    {
        using var tiny = new TinyRun();

        tiny.Execute(TinyRun.Planned(Tuning.Pretrained, Roles.Pretrained, seed: null));

        Assert.Equal(["PerplexityEvaluated", "RunCompleted"], tiny.Facts.Select(f => f.GetType().Name));
        var evaluated = tiny.Facts.OfType<PerplexityEvaluated>().Single();
        Assert.True(evaluated.Pretrained);
        Assert.InRange(Math.Exp(evaluated.TotalNats / evaluated.ScoredTokens), 30, 80);
        Assert.InRange(evaluated.Bytes, evaluated.ScoredTokens, evaluated.ScoredTokens * 10);
    }

    [Fact]
    public void A_run_on_a_quantised_base_has_its_norms_and_shares_nothing_with_one_on_the_base_as_it_is()
    {
        using var tiny = new TinyRun();
        var spec = TinyRun.Spec with { Training = TinyRun.Spec.Training with { Epochs = 1, Base = "nf4-double" } };

        // In one process, on one layer: bases and activations below it are kept for the next run.
        foreach (var form in (string[])["as-is", "nf4", "nf4-double"])
            tiny.Execute(TinyRun.Planned(Tuning.Of(Regimes.Mlp, [5]), "top-1-mlp",
                spec with { Training = spec.Training with { Base = form } }));

        var norms = tiny.Facts.OfType<LayerNormMeasured>().Select(n => n.Projections.Single(p => p.Projection == "up_proj")).ToList();
        Assert.Equal(3, norms.Select(n => n.WeightFrobenius).Distinct().Count());
        Assert.Equal(3, norms.Select(n => n.UpdateFrobenius).Distinct().Count());
        foreach (var form in (string[])["nf4", "nf4-double"])
        {
            using var dequantised = BaseModel.Load(TinyRun.Model.Path, form: form);
            Assert.Contains(dequantised.FrobeniusNorm(5, "up_proj"), norms.Select(n => n.WeightFrobenius));
        }
        var losses = tiny.Facts.OfType<PerplexityEvaluated>().Select(e => e.TotalNats).ToList();
        Assert.All(losses.Skip(1), loss => Assert.InRange(loss / losses[0], 1 - 0.05, 1 + 0.2));
        Assert.Equal(3, losses.Distinct().Count());
    }

    [Fact]
    public void Training_lowers_the_held_out_loss()
    {
        using var tiny = new TinyRun();

        tiny.Execute(TinyRun.Planned(Tuning.Pretrained, Roles.Pretrained, seed: null));

        var (before, after) = (NatsOf(tiny), NatsOf(_undisturbed));
        Assert.True(after < before - 0.05, $"{before} nats a token before, {after} after");

        static double NatsOf(TinyRun run) => run.Facts.OfType<PerplexityEvaluated>().Select(e => e.TotalNats / e.ScoredTokens).Single();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    public void A_run_that_was_stopped_and_goes_on_ends_bitwise_as_if_it_had_not_been(int stopAfterStep)
    {
        using var disturbed = new TinyRun();
        var run = TinyRun.Planned(Regimes.All);

        Assert.ThrowsAny<OperationCanceledException>(() => disturbed.Execute(run, stopAfterStep: stopAfterStep));
        var checkpoint = disturbed.Facts.OfType<CheckpointSaved>().Single();
        disturbed.Execute(run, attempt: 2, from: checkpoint);

        Assert.Equal(stopAfterStep, checkpoint.Step);
        Assert.Equal(_undisturbed.Norms(), disturbed.Norms());
        Assert.Equal(Of<EpochCompleted>(_undisturbed).Select(e => e.TotalNats), Of<EpochCompleted>(disturbed).Select(e => e.TotalNats));
        Assert.Equal(Of<PerplexityEvaluated>(_undisturbed).Single().TotalNats, Of<PerplexityEvaluated>(disturbed).Single().TotalNats);
        Assert.Equal(Of<AdapterSaved>(_undisturbed).Single().WeightsSha256, Of<AdapterSaved>(disturbed).Single().WeightsSha256);
        Assert.False(disturbed.Artifacts.Contains(checkpoint.Sha256), "a completed run keeps no checkpoint");

        static IEnumerable<T> Of<T>(TinyRun run) => run.Facts.OfType<T>();
    }

    [Fact]
    public void Tokens_of_a_run_that_was_stopped_count_each_row_once_and_its_time_is_the_sum_of_its_attempts()
    {
        using var disturbed = new TinyRun();
        var run = TinyRun.Planned(Regimes.All);
        Assert.ThrowsAny<OperationCanceledException>(() => disturbed.Execute(run, stopAfterStep: 5));
        var checkpoint = disturbed.Facts.OfType<CheckpointSaved>().Single();

        // Steps after the checkpoint that were taken and lost, as by a kill: the next attempt takes them again.
        disturbed.Execute(run, attempt: 2, from: checkpoint, earlierSeconds: 1_000);

        var (whole, completed) = (_undisturbed.Facts.OfType<RunCompleted>().Single(), disturbed.Facts.OfType<RunCompleted>().Single());
        Assert.Equal(whole.TrainedTokens, completed.TrainedTokens);
        Assert.InRange(checkpoint.TrainedTokens, 1, whole.TrainedTokens - 1);
        Assert.InRange(checkpoint.Seconds, 0.001, 600);
        Assert.InRange(completed.Seconds, 0.001, 600);
        Assert.Equal(1_000 + completed.Seconds, disturbed.News[^1].Worked!.Value.TotalSeconds, 1e-6);
    }

    [Fact]
    public void The_loss_that_is_shown_at_the_end_is_the_one_that_is_recorded()
    {
        var last = _undisturbed.Facts.OfType<EpochCompleted>().Last();
        var shown = _undisturbed.News[^1];

        Assert.Equal(last.TotalNats / last.ScoredTokens, shown.TrainLossNats!.Value, 1e-12);
        Assert.NotEqual(shown.TrainLossNats, shown.StepLossNats);
        Assert.All(_undisturbed.News.SkipLast(1), news => Assert.Null(news.TrainLossNats));
    }

    [Fact]
    public void A_run_that_was_stopped_after_its_last_step_shows_its_loss_as_well()
    {
        using var disturbed = new TinyRun();
        var run = TinyRun.Planned(Regimes.All);
        var steps = _undisturbed.Facts.OfType<RunCompleted>().Single().Steps;
        Assert.ThrowsAny<OperationCanceledException>(() => disturbed.Execute(run, stopAfterStep: steps));

        disturbed.Execute(run, attempt: 2, from: disturbed.Facts.OfType<CheckpointSaved>().Last());

        Assert.Equal(_undisturbed.News[^1].TrainLossNats, disturbed.News[^1].TrainLossNats);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_read_means_the_beginning()
    {
        using var tiny = new TinyRun();
        var run = TinyRun.Planned(Regimes.Attention);
        Assert.ThrowsAny<OperationCanceledException>(() => tiny.Execute(run, stopAfterStep: 5));
        var checkpoint = tiny.Facts.OfType<CheckpointSaved>().Single();
        File.WriteAllText(tiny.Artifacts.PathOf(checkpoint.Sha256), "not what it was");
        tiny.News.Clear();

        tiny.Execute(run, attempt: 2, from: checkpoint);

        Assert.Equal(1, tiny.News.First(n => n.Phase == RunPhase.Training).Step);
        Assert.Single(tiny.Facts.OfType<RunCompleted>());
    }

    [Fact]
    public void Threads_change_no_number()
    {
        using var two = new TinyRun();

        two.Execute(TinyRun.Planned(Regimes.All), threads: 2);

        Assert.Equal(_undisturbed.Norms(), two.Norms());
    }

    [Fact]
    public void Activations_kept_from_another_run_change_no_number()
    {
        using var alone = new TinyRun();
        using var sharing = new TinyRun();
        var first = TinyRun.Planned(Tuning.Of(Regimes.Mlp, [6]), "top-1-mlp");
        var second = TinyRun.Planned(Tuning.Of(Regimes.Attention, [6, 7]), "top-3-attention");

        alone.Execute(second);
        sharing.Execute(first);
        sharing.Facts.Clear();
        sharing.Execute(second);

        Assert.Equal(alone.Norms(), sharing.Norms());
        Assert.Equal(
            alone.Facts.OfType<PerplexityEvaluated>().Single().TotalNats,
            sharing.Facts.OfType<PerplexityEvaluated>().Single().TotalNats);
    }

    [Fact]
    public void Activations_that_memory_has_no_room_for_are_kept_on_disk_and_change_no_number()
    {
        using var inMemory = new TinyRun();
        using var onDisk = new TinyRun(prefixMemory: 0);
        var run = TinyRun.Planned(Tuning.Of(Regimes.Mlp, [6]), "top-1-mlp");

        inMemory.Execute(run);
        onDisk.Execute(run);

        Assert.Equal(inMemory.Norms(), onDisk.Norms());
        Assert.Equal(
            inMemory.Facts.OfType<PerplexityEvaluated>().Single().TotalNats,
            onDisk.Facts.OfType<PerplexityEvaluated>().Single().TotalNats);
    }

    [Fact]
    public void A_loss_that_is_not_finite_fails_the_run_with_step_and_last_good_loss()
    {
        using var tiny = new TinyRun();
        var spec = TinyRun.Spec with { Training = TinyRun.Spec.Training with { LearningRate = 1e20, Warmup = 0, MaxGradNorm = 1e30 } };

        tiny.Execute(TinyRun.Planned(Regimes.All, spec));

        var failed = Assert.IsType<RunFailed>(tiny.Facts[^1]);
        Assert.InRange(failed.Step!.Value, 2, 8);
        Assert.True(double.IsFinite(failed.LastGoodLossNats!.Value));
        Assert.Contains("not a finite number", failed.Reason, StringComparison.Ordinal);
        Assert.Empty(tiny.Facts.OfType<RunCompleted>());
    }

    [Fact]
    public void Inputs_that_changed_since_the_study_was_submitted_are_refused()
    {
        using var tiny = new TinyRun();
        var run = TinyRun.Planned(Regimes.All) with { DataSha256 = new string('0', 64) };

        var refused = Assert.Throws<InvalidInputException>(() => tiny.Execute(run));

        Assert.Contains("changed since the study was submitted", refused.Message, StringComparison.Ordinal);
        Assert.Empty(tiny.Facts);
    }
}
