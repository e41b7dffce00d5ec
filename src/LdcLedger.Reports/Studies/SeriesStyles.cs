using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Reports.Studies;

/// <summary>Which style a tuning has in every figure of a report: the regimes by their place, then the targeted ones by theirs.</summary>
internal static class SeriesStyles
{
    public static int Of(string regime) => Regimes.Every.ToList().IndexOf(Regimes.Rows[regime].Name);

    /// <param name="columns">All of the perplexity table.</param>
    public static int Of(PerplexityColumn column, IReadOnlyList<PerplexityColumn> columns) =>
        column.Targeted ? Regimes.Every.Count + columns.Where(c => c.Targeted).ToList().IndexOf(column) : Of(column.Key);
}
