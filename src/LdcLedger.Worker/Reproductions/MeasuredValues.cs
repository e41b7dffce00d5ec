using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;

namespace LdcLedger.Worker.Reproductions;

/// <summary>What a number is of, which decides how close another arithmetic has to come.</summary>
public enum Quantity
{
    /// <summary>Steps, tokens, bytes, shapes: equal under every arithmetic.</summary>
    Count,

    /// <summary>Summed nats of a loss or an evaluation.</summary>
    Nats,

    /// <summary>||W||_F of a frozen weight, which training does not touch: computed in fp64 from the same bytes.</summary>
    WeightNorm,

    /// <summary>||dW||_F.</summary>
    UpdateNorm,

    /// <summary>The SHA-256 of a file: of trained numbers, so comparable only where every bit is.</summary>
    Bytes,
}

/// <summary>One value that a run measured.</summary>
/// <param name="Place">Where: <c>epoch 2, layer 5, down_proj, ||dW||</c>.</param>
/// <param name="Text">Whole: it reads back as it was.</param>
/// <param name="Number">NaN for <see cref="Quantity.Bytes"/>.</param>
public sealed record MeasuredValue(string Place, Quantity Quantity, string Text, double Number)
{
    public static MeasuredValue Of(string place, Quantity quantity, double number) =>
        new(place, quantity, number.ToString("R", CultureInfo.InvariantCulture), number);

    internal static MeasuredValue Of(string place, long count) =>
        new(place, Quantity.Count, count.ToString(CultureInfo.InvariantCulture), count);

    internal static MeasuredValue Of(string place, string sha256) => new(place, Quantity.Bytes, sha256, double.NaN);
}

/// <summary>Every value of a run's facts that follows from its inputs alone: not who trained it, when, or in how many attempts.</summary>
public static class MeasuredValues
{
    /// <summary>In the order of the facts; facts that measure nothing have none.</summary>
    public static IReadOnlyList<MeasuredValue> Of(IEnumerable<ILedgerEvent> facts) => [.. facts.SelectMany(Of)];

    private static IEnumerable<MeasuredValue> Of(ILedgerEvent fact) => fact switch
    {
        EpochCompleted epoch => Of(epoch),
        LayerNormMeasured layer => layer.Projections.SelectMany(projection => Of(layer, projection)),
        PerplexityEvaluated held => Of(held),
        AdapterSaved adapter =>
        [
            MeasuredValue.Of("adapter, SHA-256 of its weights", adapter.WeightsSha256),
            MeasuredValue.Of("adapter, SHA-256 of its configuration", adapter.ConfigSha256),
        ],
        ProjectionsSaved projections => [MeasuredValue.Of("projections, SHA-256 of the file", projections.Sha256)],
        // Who, when and how often.
        RunPlanned or RunClaimed or CheckpointSaved or RunCompleted or RunFailed or RunReleased or RunCancelRequested or RunCancelled
            or RunAbandoned or RunRetryRequested => [],
        _ => throw new InvalidOperationException($"Whether a fact of the kind {fact.GetType().Name} measures anything is not stated."),
    };

    private static IEnumerable<MeasuredValue> Of(EpochCompleted epoch)
    {
        var place = Invariant($"epoch {epoch.Epoch}");
        yield return MeasuredValue.Of($"{place}, steps", epoch.Step);
        foreach (var point in epoch.LossPoints)
        {
            yield return MeasuredValue.Of(Invariant($"{place}, step {point.Step}, loss in nats"), Quantity.Nats, point.Nats);
            yield return MeasuredValue.Of(Invariant($"{place}, step {point.Step}, scored tokens"), point.Tokens);
        }
        yield return MeasuredValue.Of($"{place}, loss in nats", Quantity.Nats, epoch.TotalNats);
        yield return MeasuredValue.Of($"{place}, scored tokens", epoch.ScoredTokens);
    }

    private static IEnumerable<MeasuredValue> Of(LayerNormMeasured layer, ProjectionNorm projection)
    {
        var place = Invariant($"epoch {layer.Epoch}, layer {layer.Layer}, {projection.Projection}");
        yield return MeasuredValue.Of($"{place}, ||dW||", Quantity.UpdateNorm, projection.UpdateFrobenius);
        yield return MeasuredValue.Of($"{place}, ||W||", Quantity.WeightNorm, projection.WeightFrobenius);
        yield return MeasuredValue.Of($"{place}, rows", projection.Rows);
        yield return MeasuredValue.Of($"{place}, columns", projection.Columns);
    }

    private static IEnumerable<MeasuredValue> Of(PerplexityEvaluated held)
    {
        yield return MeasuredValue.Of("held-out loss in nats", Quantity.Nats, held.TotalNats);
        yield return MeasuredValue.Of("held-out scored tokens", held.ScoredTokens);
        yield return MeasuredValue.Of("held-out bytes", held.Bytes);
        yield return MeasuredValue.Of("held-out documents", held.Documents);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
