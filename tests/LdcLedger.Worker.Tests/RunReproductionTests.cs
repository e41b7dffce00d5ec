using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Runs;
using LdcLedger.Torch;
using LdcLedger.Torch.Devices;
using LdcLedger.Worker.Devices;
using LdcLedger.Worker.Progress;
using LdcLedger.Worker.Reproductions;
using Xunit;

namespace LdcLedger.Worker.Tests;

public sealed class RunReproductionTests(UndisturbedRun undisturbedRun) : IClassFixture<UndisturbedRun>
{
    private readonly IReadOnlyList<ILedgerEvent> _facts = [.. undisturbedRun.Tiny.Facts.Cast<ILedgerEvent>()];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_of_the_exact_arithmetic_agrees_in_every_bit()
    {
        var comparison = await Again(_facts);

        Assert.Empty(comparison.Differences);
        Assert.Null(comparison.Largest);
        Assert.Equal(Tolerance.Bits, comparison.Tolerance);
        // 8 layers x 7 projections x 2 epochs with 4 values each, and losses, held-out nats, the adapter's files.
        Assert.True(comparison.Values > 448, $"{comparison.Values} values were compared.");
    }

    [Fact]
    public async Task An_edited_norm_is_named_with_epoch_layer_and_projection()
    {
        var edited = _facts.Select(fact => fact is LayerNormMeasured { Epoch: 2, Layer: 5 } layer
            ? layer with
            {
                Projections = [.. layer.Projections.Select(p => p.Projection == "down_proj"
                    ? p with { UpdateFrobenius = Math.BitIncrement(p.UpdateFrobenius) } : p)],
            }
            : fact).ToList();

        var difference = Assert.Single((await Again(edited)).Differences);

        Assert.Equal("epoch 2, layer 5, down_proj, ||dW||", difference.Place);
        Assert.NotEqual(difference.Recorded, difference.Found);
    }

    [Fact]
    public async Task A_corpus_that_is_gone_or_another_is_bad_input()
    {
        var gone = await Assert.ThrowsAsync<InvalidInputException>(() => Again(_facts, corpus: "/nowhere/math.jsonl"));
        Assert.Contains("/nowhere/math.jsonl", gone.Message, StringComparison.Ordinal);

        var other = await Assert.ThrowsAsync<InvalidInputException>(
            () => Again(_facts, corpus: Path.Combine(TinyRun.Repository, "infra/demo/domains/cpp.jsonl")));
        Assert.Contains("changed since the study was submitted", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_arithmetic_is_refused() => Assert.Contains(
        "exact/99", Assert.Throws<InvalidInputException>(() => Tolerance.Between(["exact/99 (AVX2)"], "exact/1 (AVX2)", "float32")).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("exact/1 (AVX2)", "exact/1 (AVX-512)", true)]
    [InlineData("exact/1 (AVX2)", "libtorch 2.10 cpu", false)]
    [InlineData("libtorch 2.10 cuda, NVIDIA H100, driver 570, TF32 off", "exact/1 (AVX2)", false)]
    [InlineData("none: own kernels", "exact/1 (AVX2)", false)]
    public void Only_one_version_of_the_exact_arithmetic_on_both_sides_compares_bits(string recorded, string now, bool bits) =>
        Assert.Equal(bits, Tolerance.Between([recorded], now, "float32").ComparesBytes);

    [Fact]
    public void A_value_on_one_side_only_is_a_difference()
    {
        var values = MeasuredValues.Of(_facts);

        var lost = RunComparison.Of(values, [.. values.Skip(1)], Tolerance.Bits);
        var added = RunComparison.Of([.. values.Skip(1)], values, Tolerance.Bits);

        Assert.Null(Assert.Single(lost.Differences).Found);
        Assert.Null(Assert.Single(added.Differences).Recorded);
    }

    [Fact]
    public void Values_within_a_tolerance_agree_and_the_largest_deviation_is_told()
    {
        var tolerance = Tolerance.Between(["exact/1 (AVX2)"], "libtorch 2.10 cpu", "float32");
        var values = MeasuredValues.Of(_facts);
        var near = values.Select(v => v.Quantity == Quantity.UpdateNorm ? Scaled(v, 1.0001) : v).ToList();
        var far = values.Select(v => v.Quantity == Quantity.UpdateNorm ? Scaled(v, 1.02) : v).ToList();

        var agreed = RunComparison.Of(values, near, tolerance);
        Assert.True(agreed.IsReproduced);
        Assert.Equal(112, agreed.Compared[Quantity.UpdateNorm]);
        Assert.DoesNotContain(Quantity.Bytes, agreed.Compared.Keys);
        Assert.Equal(2, RunComparison.Of(values, values, Tolerance.Bits).Compared[Quantity.Bytes]);
        Assert.Equal(0.0001, agreed.Largest!.Relative, 6);
        Assert.Equal(112, RunComparison.Of(values, far, tolerance).Differences.Count);

        static MeasuredValue Scaled(MeasuredValue value, double by) => MeasuredValue.Of(value.Place, value.Quantity, value.Number * by);
    }

    private static async Task<RunComparison> Again(IReadOnlyList<ILedgerEvent> facts, string? corpus = null)
    {
        using var devices = new TrainingDevices(["cpu"], 1);
        var planned = TinyRun.Planned(Regimes.All);
        var claim = new RunClaimed(planned.StudyId, planned.RunId, 1, "lab-07:1", new(
            "lab-07", "Debian", "EPYC", "cpu", 1, ".NET", DeviceArithmetic.NameOn("cpu"), "1.0"));
        var recorded = new RecordedRun(planned, TinyRun.Model, TinyRun.Domain, [planned, claim, .. facts]);
        var places = corpus is null ? InputPlaces.AsRecorded : InputPlaces.Of([], [TinyRun.Domain with { Path = corpus }]);
        return await RunReproduction.OfAsync(recorded, places, devices, new ProgressFeed(), Cancelled);
    }
}
