using System.Globalization;
using System.Text;

namespace LdcLedger.Domain.Identity;

/// <summary>
/// Every id in the ledger is derived from what it names, so that a repeated request or fact collides with itself instead of counting twice.
/// </summary>
public static class LedgerIds
{
    /// <summary>The namespace of studies and of the ledger's own streams.</summary>
    public static readonly Guid Space = new("6f0c1f4e-8d1b-5c56-9a1e-6c64634c6567");

    /// <summary>The stream of aggregation rules.</summary>
    public static readonly Guid Rules = NameBasedGuid.Of(Space, "rules");

    /// <summary>The stream of seals.</summary>
    public static readonly Guid Seals = NameBasedGuid.Of(Space, "seals");

    /// <summary>The stream of notes on studies that came from another ledger.</summary>
    public static readonly Guid Imports = NameBasedGuid.Of(Space, "imports");

    /// <summary>The stream of tokens.</summary>
    public static readonly Guid Access = NameBasedGuid.Of(Space, "access");

    /// <summary>The streams of every ledger's own, which no study and no run can be.</summary>
    public static readonly IReadOnlySet<Guid> Own = new HashSet<Guid> { Rules, Seals, Imports, Access };

    /// <summary>
    /// Event id from what the event states: the stream it belongs to, its kind, and whatever tells facts of one kind apart (epoch, layer,
    /// attempt where the attempt itself is the fact). A second try to record the same fact gives the same id.
    /// </summary>
    public static Guid Event(Guid stream, string kind, params ReadOnlySpan<object> key)
    {
        var name = new StringBuilder("event/").Append(kind);
        foreach (var part in key)
            name.Append('/').Append(Convert.ToString(part, CultureInfo.InvariantCulture));
        return NameBasedGuid.Of(stream, name.ToString());
    }
}
