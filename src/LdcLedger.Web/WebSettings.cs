using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Checks;
using LdcLedger.Ledger.Seals;
using LdcLedger.Specs.Resolution;
using LdcLedger.Web.Access;
using LdcLedger.Web.Health;

namespace LdcLedger.Web;

/// <summary>How a dashboard is reached.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="PublicUrl">How others reach it, through a proxy: its name is answered to, its path is the path base, its scheme that of
/// cookies. Null: as it listens.</param>
/// <param name="IsOpen">Whether nobody is asked who they are: readers all, and only where no other machine gets.</param>
public sealed record WebSettings(ListenAddress Listen, Uri? PublicUrl = null, bool IsOpen = false)
{
    /// <summary>The keys whose signatures a page trusts: this machine's. Null: it has none.</summary>
    public Func<IReadOnlyList<PublicSealKey>?> TrustedKeys { get; init; } = () => Ledger.Seals.SealKeys.FromEnvironment().Trusted();

    /// <summary>The key that this machine seals with.</summary>
    public Func<SealKeys> SealKeys { get; init; } = Ledger.Seals.SealKeys.FromEnvironment;

    /// <summary>Where the paths of a spec that is sent may lead.</summary>
    public Func<SpecRoots> SpecRoots { get; init; } = Specs.Resolution.SpecRoots.FromEnvironment;

    /// <summary>The file of this machine that has a SHA-256 as its name; null: it is not here.</summary>
    public Func<string, string?> Artifact { get; init; } = _ => null;

    /// <summary>The header in which a proxy says who somebody is; only on a Unix socket, where nobody else could. Null: none.</summary>
    public string? ProxyUserHeader { get; init; }

    /// <summary>The origin whose pages may frame ours, which then have no buttons; null: none.</summary>
    public Framing? EmbedFrom { get; init; }

    /// <summary>What has to work on this machine, looked at when an operator asks.</summary>
    public Func<CancellationToken, Task<IReadOnlyList<Finding>>> Findings { get; init; } = Doctor.AllAsync;

    /// <summary>
    /// What else than the ledger the process that serves pages cannot reach, as a sentence without its full stop; null: nothing. It stands
    /// on every page while it lasts.
    /// </summary>
    public Func<string?> Trouble { get; init; } = () => null;

    /// <summary>Where the same ledger is shown already, for whoever finds the address taken; null: nowhere.</summary>
    public Func<Uri?> ShownAt { get; init; } = () => null;

    /// <summary>So many requests a token may make in a second.</summary>
    public int RequestsPerSecond { get; init; } = RequestRate.UsualPerSecond;

    /// <summary>Whether every page is drawn once after the start, so that the first who looks does not wait for its code.</summary>
    public bool WarmsUp { get; init; }

    /// <summary>Where everything lies below, without a slash at the end; empty for the root.</summary>
    public string PathBase => PublicUrl?.AbsolutePath.TrimEnd('/') ?? "";
}
