namespace LdcLedger.Web.Access;

/// <summary>What somebody may do.</summary>
public enum Role
{
    /// <summary>See.</summary>
    Reader,

    /// <summary>See, and ask for what the command line can ask for.</summary>
    Operator,
}

/// <summary>Who asks.</summary>
/// <param name="Name">Of the token; what is written of a request's author.</param>
/// <param name="Token">Its id; what a session lives by.</param>
/// <param name="Study">The one study that may be seen; null: all.</param>
/// <param name="At">Of a bound viewer: the last position of that study that may be seen; null: all.</param>
public sealed record Viewer(string Name, Role Role, string Token, Guid? Study = null, long? At = null)
{
    /// <summary>Whether only a part of the ledger is there for this one; the rest does not exist.</summary>
    public bool IsBound => Study is not null;
}

/// <summary>
/// Who may use a route; every route has one, and without it answers nobody. Bound readers are let in only where a route says that it looks
/// after their bounds.
/// </summary>
/// <param name="Needed">Null: anybody, also without a token.</param>
public sealed record RouteAccess(Role? Needed, bool ForBound)
{
    public static readonly RouteAccess Anybody = new(null, true);
    public static readonly RouteAccess Readers = new(Role.Reader, false);
    public static readonly RouteAccess BoundReaders = new(Role.Reader, true);
    public static readonly RouteAccess Operators = new(Role.Operator, false);
}
