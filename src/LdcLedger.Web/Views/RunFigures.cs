using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;

namespace LdcLedger.Web.Views;

/// <summary>Figures of single runs, drawn by the report's own code.</summary>
internal static class RunFigures
{
    /// <summary>Null where no epoch has ended.</summary>
    public static Chart? Loss(ShownRun shown)
    {
        var losses = new RunLossesBuilder();
        foreach (var epoch in shown.History.Select(e => e.Fact).OfType<EpochCompleted>())
            losses.Add(epoch);
        var points = LossFigure.Pooled(losses.Losses());
        var run = shown.Run;
        var title = RunTitle.Of(run.Model, run.Domain, run.Role, run.Seed);
        return points.Count == 0 ? null : LossChart.Of([title, "training loss"], [new(title, 0, points)], "");
    }
}
