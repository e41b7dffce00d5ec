namespace LdcLedger.Ledger.Store;

/// <summary>
/// Where workers say that they are there, and what they see. Nothing of the ledger: overwritten by the next sign, and empty after a crash
/// of the server.
/// </summary>
internal static class WorkerTables
{
    public static string Create(string schema) => $"""
        create unlogged table if not exists {schema}.workers (
            name text primary key, sign jsonb not null, seen timestamptz not null);
        create unlogged table if not exists {schema}.worker_sightings (
            path text not null, worker text not null, found boolean, asked timestamptz not null, primary key (path, worker));
        """;
}
