using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Trees;

/// <summary>How far a stored tree reaches.</summary>
/// <param name="Size">Number of its leaves.</param>
/// <param name="LastSequence">Place in the whole ledger of the last of them; 0 where there is none.</param>
internal readonly record struct TreeEnd(long Size, long LastSequence);

/// <summary>The rows of a tree are not what was written.</summary>
public sealed class BrokenTree(string message) : Exception(message + "; `ldc ledger verify` says what differs");

/// <summary>
/// A Merkle tree as the ledger keeps it, and leaves behind its end that are not stored yet. Roots and proofs take a few rows of it, however
/// large it is.
/// </summary>
/// <param name="tail">Chain hashes of the leaves after the stored ones.</param>
internal sealed class StoredTree(NpgsqlConnection connection, TreeTables tables, Guid tree, TreeEnd end, IReadOnlyList<byte[]> tail)
{
    private readonly Dictionary<(int Level, long Index), byte[]> _nodes = [];
    private readonly Dictionary<long, byte[]> _leaves = [];   // chain hashes, by index

    public long Size => end.Size + tail.Count;

    /// <summary>Where the stored trees end; those that are not there end at 0.</summary>
    public static async Task<IReadOnlyDictionary<Guid, TreeEnd>> EndsAsync(
        NpgsqlConnection connection, TreeTables tables, IReadOnlyCollection<Guid> trees, CancellationToken cancellation)
    {
        var ends = trees.ToDictionary(tree => tree, _ => default(TreeEnd));
        await using var command = new NpgsqlCommand($"""
            select t.tree, b.first + length(b.hashes) / 32, b.last_sequence
            from unnest($1) as t(tree),
                 lateral (select first, hashes, last_sequence from {tables.Blocks} where tree = t.tree order by first desc limit 1) b
            """, connection);
        command.Parameters.Add(new() { Value = trees.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            ends[reader.GetGuid(0)] = new(reader.GetInt64(1), reader.GetInt64(2));
        return ends;
    }

    /// <summary>The tree as far as it is stored, with nothing behind.</summary>
    public static async Task<StoredTree> OpenAsync(
        NpgsqlConnection connection, TreeTables tables, Guid tree, CancellationToken cancellation) =>
        new(connection, tables, tree, (await EndsAsync(connection, tables, [tree], cancellation))[tree], []);

    /// <summary>The root over its first leaves.</summary>
    public async Task<byte[]> RootAsync(long size, CancellationToken cancellation) =>
        (await HashesAsync([(0, size)], cancellation))[0];

    public Task<IReadOnlyList<byte[]>> InclusionAsync(long index, long size, CancellationToken cancellation) =>
        HashesAsync(MerkleProofs.Inclusion(index, size), cancellation);

    public Task<IReadOnlyList<byte[]>> ConsistencyAsync(long first, long size, CancellationToken cancellation) =>
        HashesAsync(MerkleProofs.Consistency(first, size), cancellation);

    /// <summary>A tree in memory that goes on from its end.</summary>
    /// <param name="completed">As <see cref="MerkleTree.Completed"/>.</param>
    public async Task<MerkleTree> ResumeAsync(Action<int, long, byte[]> completed, CancellationToken cancellation)
    {
        var subtrees = MerkleProofs.Subtrees(0, Size).ToList();
        await FetchAsync(subtrees, cancellation);
        return new(Size, subtrees.Select(Node)) { Completed = completed };
    }

    private async Task<IReadOnlyList<byte[]>> HashesAsync(IReadOnlyList<(long From, long To)> runs, CancellationToken cancellation)
    {
        await FetchAsync(runs.SelectMany(run => MerkleProofs.Subtrees(run.From, run.To)), cancellation);
        return [.. runs.Select(run => MerkleTree.Join([.. MerkleProofs.Subtrees(run.From, run.To).Select(Node)]))];
    }

    private bool IsStored(int level, long index) => level >= TreeTables.NodeLevel && (index + 1) << level <= end.Size;

    // Whatever these subtrees are made of: stored nodes, and the leaves of those that are too small or not complete to be stored.
    private async Task FetchAsync(IEnumerable<(int Level, long Index)> subtrees, CancellationToken cancellation)
    {
        var (nodes, blocks) = (new HashSet<(int Level, long Index)>(), new HashSet<long>());
        var open = new Stack<(int Level, long Index)>(subtrees);
        while (open.TryPop(out var at))
        {
            if (IsStored(at.Level, at.Index))
                nodes.Add(at);
            else if (at.Level > TreeTables.NodeLevel)
            {
                open.Push((at.Level - 1, 2 * at.Index));
                open.Push((at.Level - 1, 2 * at.Index + 1));
            }
            else if (at.Index << at.Level < end.Size)
                blocks.Add(at.Index >> (TreeTables.NodeLevel - at.Level));
        }
        nodes.ExceptWith(_nodes.Keys);
        blocks.RemoveWhere(block => _leaves.ContainsKey(block * TreeTables.BlockLeaves));
        if (nodes.Count > 0)
            await FetchNodesAsync(nodes, cancellation);
        if (blocks.Count > 0)
            await FetchLeavesAsync(blocks, cancellation);
    }

    private async Task FetchNodesAsync(HashSet<(int Level, long Index)> nodes, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"""
            select n.level, n.index, n.hash from unnest($2, $3) as wanted(level, index)
            join {tables.Nodes} n on n.tree = $1 and n.level = wanted.level and n.index = wanted.index
            """, connection);
        command.Parameters.Add(new() { Value = tree });
        command.Parameters.Add(new() { Value = nodes.Select(n => n.Level).ToArray() });
        command.Parameters.Add(new() { Value = nodes.Select(n => n.Index).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            _nodes[(reader.GetInt32(0), reader.GetInt64(1))] = reader.GetFieldValue<byte[]>(2);
    }

    private async Task FetchLeavesAsync(HashSet<long> blocks, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"""
            select b.first, b.hashes from unnest($2) as wanted(block)
            join {tables.Blocks} b on b.tree = $1
                and b.first >= wanted.block * {TreeTables.BlockLeaves} and b.first < (wanted.block + 1) * {TreeTables.BlockLeaves}
            """, connection);
        command.Parameters.Add(new() { Value = tree });
        command.Parameters.Add(new() { Value = blocks.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (first, hashes) = (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
            for (var i = 0; i < hashes.Length / 32; i++)
                _leaves[first + i] = hashes[(32 * i)..(32 * i + 32)];
        }
    }

    private byte[] Node((int Level, long Index) at)
    {
        if (IsStored(at.Level, at.Index))
            return _nodes.TryGetValue(at, out var stored) ? stored
                : throw new BrokenTree($"The tree {tree} lacks the node {at.Index} of level {at.Level}");
        if (at.Level > 0)
            return MerkleTree.NodeHash(Node((at.Level - 1, 2 * at.Index)), Node((at.Level - 1, 2 * at.Index + 1)));
        if (at.Index >= end.Size)
            return MerkleTree.LeafHash(tail[(int)(at.Index - end.Size)]);
        return _leaves.TryGetValue(at.Index, out var leaf) ? MerkleTree.LeafHash(leaf)
            : throw new BrokenTree($"The tree {tree} lacks its leaf {at.Index}");
    }
}
