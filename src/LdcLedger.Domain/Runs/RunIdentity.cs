using System.Globalization;
using System.Text.Json;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Layers;

namespace LdcLedger.Domain.Runs;

/// <summary>What makes a run the same run.</summary>
public static class RunIdentity
{
    /// <summary>UUIDv5 of study, model, domain, tuning and seed; the pretrained baseline has no seed.</summary>
    public static Guid Of(Guid study, string model, string domain, Tuning tuning, int? seed) => NameBasedGuid.Of(
        study,
        JsonSerializer.Serialize(new[] { "run", model, domain, tuning.Text, seed?.ToString(CultureInfo.InvariantCulture) ?? "" }));
}
