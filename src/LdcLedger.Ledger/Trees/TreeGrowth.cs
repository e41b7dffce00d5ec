using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using Npgsql;
using NpgsqlTypes;

namespace LdcLedger.Ledger.Trees;

/// <summary>
/// Lets the stored trees grow: the whole ledger's by every event, a study's by its own. Rows are added and never changed.
/// </summary>
internal sealed class TreeGrowth(NpgsqlConnection connection, TreeTables tables)
{
    private sealed record Block(Guid Tree, long First, long LastSequence, byte[] Hashes, byte[]? Entries);

    private readonly Dictionary<Guid, Growing> _trees = [];
    private readonly List<Block> _blocks = [];
    private readonly List<(Guid Tree, int Level, long Index, byte[] Hash)> _nodes = [];

    /// <summary>Adds events in ledger order, and writes what is full.</summary>
    public async Task AddAsync(
        IReadOnlyList<(byte[] Chain, LeafEntry Entry, Guid? Study, long Sequence)> leaves, CancellationToken cancellation)
    {
        await OpenAsync([LedgerIds.Seals, .. leaves.Select(leaf => leaf.Study).OfType<Guid>()], cancellation);
        foreach (var (chain, entry, study, sequence) in leaves)
        {
            _trees[LedgerIds.Seals].Add(chain, entry, sequence);
            if (study is { } of)
                _trees[of].Add(chain, null, sequence);
        }
        await WriteAsync(cancellation);
    }

    /// <summary>Writes the rest.</summary>
    public async Task FinishAsync(CancellationToken cancellation)
    {
        foreach (var tree in _trees.Values)
            tree.EndBlock();
        await WriteAsync(cancellation);
    }

    private async Task OpenAsync(IEnumerable<Guid> trees, CancellationToken cancellation)
    {
        var missing = trees.Distinct().Where(tree => !_trees.ContainsKey(tree)).ToList();
        if (missing.Count == 0)
            return;
        foreach (var (tree, end) in await StoredTree.EndsAsync(connection, tables, missing, cancellation))
        {
            var resumed = await new StoredTree(connection, tables, tree, end, []).ResumeAsync(
                (level, index, hash) =>
                {
                    if (level >= TreeTables.NodeLevel)
                        _nodes.Add((tree, level, index, hash));
                },
                cancellation);
            _trees[tree] = new(resumed, tree, _blocks);
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        if (_blocks.Count > 0)
        {
            await using var copy = await connection.BeginBinaryImportAsync(
                $"copy {tables.Blocks} (tree, first, last_sequence, hashes, entries) from stdin (format binary)", cancellation);
            foreach (var (tree, first, last, hashes, entries) in _blocks)
            {
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(tree, cancellation);
                await copy.WriteAsync(first, cancellation);
                await copy.WriteAsync(last, cancellation);
                await copy.WriteAsync(hashes, NpgsqlDbType.Bytea, cancellation);
                await (entries is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(entries, NpgsqlDbType.Bytea, cancellation));
            }
            await copy.CompleteAsync(cancellation);
            _blocks.Clear();
        }
        if (_nodes.Count > 0)
        {
            await using var copy = await connection.BeginBinaryImportAsync(
                $"copy {tables.Nodes} (tree, level, index, hash) from stdin (format binary)", cancellation);
            foreach (var (tree, level, index, hash) in _nodes)
            {
                await copy.StartRowAsync(cancellation);
                await copy.WriteAsync(tree, cancellation);
                await copy.WriteAsync(level, cancellation);
                await copy.WriteAsync(index, cancellation);
                await copy.WriteAsync(hash, NpgsqlDbType.Bytea, cancellation);
            }
            await copy.CompleteAsync(cancellation);
            _nodes.Clear();
        }
    }

    private sealed class Growing(MerkleTree tree, Guid id, List<Block> full)
    {
        private readonly List<byte> _hashes = [], _entries = [];
        private long _first, _last;

        public void Add(ReadOnlySpan<byte> chain, LeafEntry? entry, long sequence)
        {
            if (_hashes.Count == 0)
                _first = tree.Count;
            tree.Add(chain);
            _hashes.AddRange(chain);
            _last = sequence;
            if (entry is { } named)
            {
                Span<byte> bytes = stackalloc byte[LeafEntry.Size];
                named.Write(bytes);
                _entries.AddRange(bytes);
            }
            if (tree.Count % TreeTables.BlockLeaves == 0)
                EndBlock();
        }

        public void EndBlock()
        {
            if (_hashes.Count == 0)
                return;
            full.Add(new(id, _first, _last, [.. _hashes], _entries.Count > 0 ? [.. _entries] : null));
            _hashes.Clear();
            _entries.Clear();
        }
    }
}
