namespace LdcLedger.Web.Access;

/// <summary>A server was to listen where other machines get, and nobody could have signed in.</summary>
public sealed class NoTokenYet(ListenAddress listen) : Exception(
    $"{listen} is open to other machines, and there is no token yet: `ldc token add NAME --role reader` makes one.");
