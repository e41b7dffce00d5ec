using Npgsql;

namespace LdcLedger.Ledger.Store;

/// <summary>
/// The Merkle trees that roots and proofs are read from: of the whole ledger, and of every study. Rows are only ever added, when the ledger
/// is sealed; a tree is known by the stream that it belongs to, the whole ledger's by that of the seals.
/// </summary>
/// <remarks>
/// A block has the chain hashes of up to 256 leaves that follow each other, and never reaches into the next 256; it begins where the one
/// before ended. A node is the hash of a perfect subtree of at least 256 leaves. The blocks of the whole ledger also say of every leaf
/// which event it was, so that a changed or missing one can be named.
/// </remarks>
internal sealed class TreeTables(string schema)
{
    /// <summary>Leaves that a block holds at most; a node above one is of this level.</summary>
    public const int BlockLeaves = 1 << NodeLevel, NodeLevel = 8;

    /// <summary>tree, first (index of its first leaf), last_sequence (place in the ledger of its last), hashes, entries.</summary>
    public string Blocks { get; } = $"{schema}.tree_blocks";

    /// <summary>tree, level, index, hash.</summary>
    public string Nodes { get; } = $"{schema}.tree_nodes";

    /// <summary>The ledger's own id, in one row: id.</summary>
    public string Identity { get; } = $"{schema}.ledger_identity";

    public string Create() => $"""
        create table if not exists {Identity} (
            id uuid not null default gen_random_uuid(), single boolean not null default true unique check (single));
        insert into {Identity} default values on conflict do nothing;
        create table if not exists {Blocks} (
            tree uuid not null, first bigint not null, last_sequence bigint not null, hashes bytea not null, entries bytea,
            primary key (tree, first));
        alter table {Blocks} alter column hashes set storage external;
        create table if not exists {Nodes} (
            tree uuid not null, level int not null, index bigint not null, hash bytea not null, primary key (tree, level, index));
        """;

    /// <summary>Which ledger this is: made with its tables, and the same after a backup is restored.</summary>
    public async Task<Guid> LedgerAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select id from {Identity}", connection);
        return (Guid)(await command.ExecuteScalarAsync(cancellation) ?? Guid.Empty);
    }
}
