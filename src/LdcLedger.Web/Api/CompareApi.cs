using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <param name="Settings">Those in which the runs of this part differ; null where this one has none.</param>
/// <param name="Norms">Sums of ‖ΔW‖_F after the last epoch, by projection or layer.</param>
/// <param name="Losses">Mean nats per token by step, neighbours pooled to at most 48.</param>
public sealed record ComparedRunAnswer(
    RunSummary Run, IReadOnlyDictionary<string, string?> Settings, IReadOnlyList<NormSum> Norms, IReadOnlyList<MeanLoss> Losses);

/// <param name="Differing">The settings in which the runs of this part differ.</param>
/// <param name="Count">How many runs the filter chooses in all.</param>
public sealed record CompareAnswer(
    IReadOnlyList<string> Differing, IReadOnlyList<ComparedRunAnswer> Items, string? NextCursor, long Count) : IPart;

/// <summary>What is answered of runs beside each other.</summary>
internal sealed class CompareApi(WebParts parts)
{
    public async Task<CompareAnswer> CompareAsync(View view)
    {
        var byLayer = view.IsByLayer();
        var compared = await parts.Comparisons.OfAsync(view, parts.Cursor);
        return new(
            compared.Differing,
            [.. compared.Runs.Select(run => new ComparedRunAnswer(
                run.Run, compared.Differing.ToDictionary(name => name, name => run[name]), byLayer ? run.ByLayer : run.ByProjection,
                LossFigure.Pooled([run.Losses])))],
            compared.Next, compared.Of);
    }
}
