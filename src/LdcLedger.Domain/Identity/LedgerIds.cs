using System.Globalization;
using System.Text.Json;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Domain.Identity;

/// <summary>
/// Every id in the ledger is derived from what it names, so that a repeated request or fact collides with itself instead of
/// counting twice.
/// </summary>
public static class LedgerIds
{
    private static readonly Guid Space = new("6f0c1f4e-8d1b-5c56-9a1e-6c64634c6567");

    /// <summary>The stream of aggregation rules.</summary>
    public static readonly Guid Rules = NameBasedGuid.Of(Space, "rules");

    /// <summary>The stream of seals.</summary>
    public static readonly Guid Seals = NameBasedGuid.Of(Space, "seals");

    /// <summary>
    /// Study id = UUIDv5 of the resolved spec with the SHA-256 of weights, tokenizer and data in place of paths. The study's name,
    /// paths, the order of keys and comments do not count. <paramref name="fresh"/> (0, 1, ...) tells repetitions asked for by
    /// <c>--fresh</c> apart.
    /// </summary>
    public static Guid Study(StudySpec spec, IReadOnlyList<ResolvedModel> models, IReadOnlyList<ResolvedDomain> domains, AggregationRule rule, int fresh = 0)
    {
        var identity = new
        {
            models = models.Select(m => new { m.Name, m.WeightsSha256, m.ConfigSha256, m.TokenizerSha256 }),
            domains = domains.Select(d => new { d.Name, d.Format, d.Sha256 }),
            spec.Seeds,
            spec.Regimes,
            spec.Lora,
            spec.Data,
            spec.Training,
            spec.Evaluation,
            spec.Stage2,
            rule,
            fresh,
        };
        return NameBasedGuid.Of(Space, "study/" + JsonSerializer.Serialize(identity));
    }

    /// <summary>Run id = UUIDv5(study, model, domain, tuning, seed); the pretrained baseline has no seed.</summary>
    public static Guid Run(Guid study, string model, string domain, Tuning tuning, int? seed) =>
        NameBasedGuid.Of(study, JsonSerializer.Serialize(new[] { "run", model, domain, tuning.Text, seed?.ToString(CultureInfo.InvariantCulture) ?? "" }));

    /// <summary>
    /// Event id from what the event states: the stream it belongs to, its kind, and whatever tells facts of one kind apart
    /// (epoch, layer, attempt where the attempt itself is the fact). A second try to record the same fact gives the same id.
    /// </summary>
    public static Guid Event(Guid stream, string kind, params ReadOnlySpan<object> parts)
    {
        var name = new System.Text.StringBuilder("event/").Append(kind);
        foreach (var part in parts)
            name.Append('/').Append(Convert.ToString(part, CultureInfo.InvariantCulture));
        return NameBasedGuid.Of(stream, name.ToString());
    }
}
