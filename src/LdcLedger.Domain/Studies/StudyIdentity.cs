using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;

namespace LdcLedger.Domain.Studies;

/// <summary>
/// What makes a study the same study: the resolved spec with the SHA-256 of weights, configuration, tokenizer and data in place of paths,
/// and what its rule says. Its name, paths, the order of keys and of lists, and comments do not count.
/// </summary>
/// <param name="Fresh">0, or which repetition was asked for by <c>--fresh</c>.</param>
public sealed record StudyIdentity(
    StudySpec Spec, IReadOnlyList<ResolvedModel> Models, IReadOnlyList<ResolvedDomain> Domains, AggregationRule Rule,
    [property: FirstDefault(0)] int Fresh)
{
    /// <summary>UUIDv5 of the identity's canonical text.</summary>
    public Guid Id => NameBasedGuid.Of(LedgerIds.Space, "study/" + IdentityText.Of(this));
}
