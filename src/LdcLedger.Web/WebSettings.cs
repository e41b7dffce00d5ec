using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Seals;
using LdcLedger.Web.Access;

namespace LdcLedger.Web;

/// <summary>How a dashboard is reached.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="PublicUrl">How others reach it, through a proxy: its name is answered to, its path is the path base, its scheme that of
/// cookies. Null: as it listens.</param>
/// <param name="IsOpen">Whether nobody is asked who they are: readers all, and only where no other machine gets.</param>
public sealed record WebSettings(ListenAddress Listen, Uri? PublicUrl = null, bool IsOpen = false)
{
    /// <summary>The keys whose signatures a page trusts: this machine's. Null: it has none.</summary>
    public Func<IReadOnlyList<PublicSealKey>?> TrustedKeys { get; init; } = () => SealKeys.FromEnvironment().Trusted();

    /// <summary>So many requests a token may make in a second.</summary>
    public int RequestsPerSecond { get; init; } = RequestRate.UsualPerSecond;

    /// <summary>Whether every page is drawn once after the start, so that the first who looks does not wait for its code.</summary>
    public bool WarmsUp { get; init; }

    /// <summary>Where everything lies below, without a slash at the end; empty for the root.</summary>
    public string PathBase => PublicUrl?.AbsolutePath.TrimEnd('/') ?? "";
}
