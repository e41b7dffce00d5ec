using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Figures;

namespace LdcLedger.Web.Pages;

/// <summary>
/// Figures as they were drawn last, by what they show: of a study that goes on, most show what they showed before. What was not wanted for
/// longest goes first.
/// </summary>
internal static class DrawnFigures
{
    private const int Most = 1_000;   // of some 10 kB

    private static readonly JsonSerializerOptions Whole = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private static readonly Lock One = new();

    private static readonly Dictionary<string, (string Svg, long Used)> Drawn = [];

    private static long Uses;

    /// <param name="id">Unlike that of every other figure on the page.</param>
    public static string Svg(string id, Chart chart)
    {
        var shown = JsonSerializer.Serialize(chart, chart.GetType(), Whole);
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{chart.GetType().Name}\n{shown}")));
        lock (One)
            if (Drawn.TryGetValue(key, out var known))
            {
                Drawn[key] = (known.Svg, ++Uses);
                return known.Svg;
            }
        // Of two who ask at once, both draw it: the same.
        var svg = FigureFiles.SvgInline(new ReportFigure(id, chart, null), $"{id}-");
        lock (One)
        {
            if (Drawn.Count >= Most)
                foreach (var (old, _) in Drawn.OrderBy(d => d.Value.Used).Take(Most / 10).ToList())
                    Drawn.Remove(old);
            Drawn[key] = (svg, ++Uses);
            return svg;
        }
    }
}
