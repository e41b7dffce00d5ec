using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Inputs;
using LdcLedger.Torch.Safetensors;

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

    /// <summary>Looks whether what lies elsewhere is what was recorded, before runs are planned that could only fail.</summary>
    /// <exception cref="InvalidInputException">It is something else, or cannot be read.</exception>
    public void Prove(IEnumerable<ResolvedModel> recordedModels, IEnumerable<ResolvedDomain> recordedDomains)
    {
        foreach (var model in recordedModels.Where(m => models.ContainsKey(m.Name)).Select(Of))
        {
            using var checkpoint = new Checkpoint(model.Path);
            RunInputs.Expect("weights", model.Path, InputHashes.OfWeights(checkpoint.Files), model.WeightsSha256);
            RunInputs.Expect("config.json", model.Path, InputHashes.OfFile(Path.Combine(model.Path, "config.json")), model.ConfigSha256);
        }
        foreach (var domain in recordedDomains.Where(d => domains.ContainsKey(d.Name)).Select(Of))
            RunInputs.Expect("corpus", domain.Path, Corpus.Open(domain.Path, Corpus.ParseFormat(domain.Format)).Hash, domain.Sha256);
    }
}
