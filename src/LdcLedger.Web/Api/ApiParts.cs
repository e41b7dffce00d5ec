using LdcLedger.Ledger.Seals;
using LdcLedger.Web.Access;
using LdcLedger.Web.Live;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <summary>What routes of the API need beside the ledger.</summary>
/// <param name="Shown">What pages and API have in common.</param>
/// <param name="SealKeys">The key that this machine seals with.</param>
/// <param name="Artifact">The file of this machine that has a SHA-256 as its name; null: it is not here.</param>
internal sealed record ApiParts(
    WebParts Shown, PositionFeed Feed, Viewers Viewers, SpecRequests Specs, Verifications Verifications, Func<SealKeys> SealKeys,
    Func<string, string?> Artifact);
