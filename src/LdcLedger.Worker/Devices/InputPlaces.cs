using LdcLedger.Domain.Specs;

namespace LdcLedger.Worker.Devices;

/// <summary>
/// Where models and corpora lie on this machine, where that is not where they lay when their study was submitted: it may come from another
/// machine, or they were moved. Where they lie is no part of what they are; that is proved when they are loaded.
/// </summary>
/// <param name="models">Paths by name; of others the recorded ones count.</param>
/// <param name="domains">Likewise.</param>
public sealed class InputPlaces(IReadOnlyDictionary<string, string> models, IReadOnlyDictionary<string, string> domains)
{
    public static readonly InputPlaces AsRecorded = new(new Dictionary<string, string>(), new Dictionary<string, string>());

    /// <summary>Those of a study that was resolved here just now.</summary>
    public static InputPlaces Of(IEnumerable<ResolvedModel> models, IEnumerable<ResolvedDomain> domains) =>
        new(models.ToDictionary(m => m.Name, m => m.Path), domains.ToDictionary(d => d.Name, d => d.Path));

    public ResolvedModel Of(ResolvedModel recorded) => recorded with { Path = models.GetValueOrDefault(recorded.Name, recorded.Path) };

    public ResolvedDomain Of(ResolvedDomain recorded) => recorded with { Path = domains.GetValueOrDefault(recorded.Name, recorded.Path) };
}
