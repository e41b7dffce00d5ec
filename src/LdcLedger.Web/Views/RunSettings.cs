using System.Text.Json;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Web.Views;

/// <summary>
/// All that can change a run's numbers, by name: what its plan states, as the ledger has it, and what it was computed with. A new
/// setting is here by itself.
/// </summary>
internal static class RunSettings
{
    // Of the machine what made the numbers; its name and its system made none.
    private static readonly IReadOnlyList<string> OfEnvironment = ["device", "threads", "libtorch", "ldcVersion"];

    /// <summary>In the order of the plan.</summary>
    /// <param name="plan">Data of the event that planned it.</param>
    public static IReadOnlyList<(string Name, string Value)> Of(string plan, WorkerEnvironment? environment)
    {
        using var planned = JsonDocument.Parse(plan);
        var settings = Flat("", planned.RootElement).Where(setting => setting.Name != "runId").ToList();
        if (environment is not null)
            settings.AddRange(Flat("", JsonSerializer.SerializeToElement(environment, LedgerJson.Options))
                .Where(setting => OfEnvironment.Contains(setting.Name)));
        return settings;
    }

    /// <summary>
    /// The names of those in which some runs differ, in their order. A run that lacks one differs from those that have it.
    /// </summary>
    public static IReadOnlyList<string> Differing(IReadOnlyList<IReadOnlyList<(string Name, string Value)>> runs) =>
    [
        .. runs.SelectMany(settings => settings).GroupBy(setting => setting.Name)
            .Where(same => same.Count() < runs.Count || same.Select(setting => setting.Value).Distinct().Skip(1).Any())
            .Select(same => same.Key),
    ];

    private static IEnumerable<(string Name, string Value)> Flat(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return [(name, value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Null => "none",
                _ => value.GetRawText(),
            })];
        return value.EnumerateObject().SelectMany(part => Flat(name.Length == 0 ? part.Name : $"{name}.{part.Name}", part.Value));
    }
}
