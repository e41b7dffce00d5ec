using System.Net.Sockets;
using LdcLedger.Ledger.Postgres;
using Npgsql;

namespace LdcLedger.Worker.Journal;

/// <summary>Tells a ledger that is away, and will be back, from an error that waiting does not cure.</summary>
public static class LedgerAbsence
{
    /// <summary>
    /// Whether this, or what caused it, says that PostgreSQL cannot be reached, is starting or stopping, or has no connection to spare.
    /// </summary>
    public static bool Is(Exception? cause)
    {
        foreach (var one in cause.WithCauses())
        {
            if (one is PostgresException refused)
                return refused.SqlState.StartsWith("08", StringComparison.Ordinal)
                    || refused.SqlState.StartsWith("57P", StringComparison.Ordinal)
                    || refused.SqlState is PostgresErrorCodes.TooManyConnections or "25P03" or PostgresErrorCodes.ReadOnlySqlTransaction;
            if (one is NpgsqlException or SocketException or TimeoutException or EndOfStreamException or LedgerUnavailable)
                return true;
        }
        return false;
    }
}
