using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using Npgsql;

namespace LdcLedger.Ledger.Trees;

/// <summary>A row of a tree's leaves as it is stored; its lengths are whatever somebody wrote.</summary>
internal sealed record TreeBlock(Guid Tree, long First, long LastSequence, byte[] Hashes, byte[]? Entries);

/// <summary>Every row of some trees, to be compared with the events.</summary>
/// <param name="Blocks">By tree, then by first leaf.</param>
internal sealed record TreeRows(
    IReadOnlyDictionary<Guid, IReadOnlyList<TreeBlock>> Blocks, IReadOnlyDictionary<(Guid Tree, int Level, long Index), byte[]> Nodes)
{
    /// <param name="trees">Null: all.</param>
    public static async Task<TreeRows> ReadAsync(
        NpgsqlConnection connection, TreeTables tables, IReadOnlyCollection<Guid>? trees, CancellationToken cancellation)
    {
        var where = trees is null ? "" : "where tree = any($1)";
        var blocks = new List<TreeBlock>();
        await using (var command = new NpgsqlCommand(
            $"select tree, first, last_sequence, hashes, entries from {tables.Blocks} {where} order by tree, first", connection))
        {
            if (trees is not null)
                command.Parameters.Add(new() { Value = trees.ToArray() });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                blocks.Add(new(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetFieldValue<byte[]>(3),
                    reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4)));
        }
        var nodes = new Dictionary<(Guid, int, long), byte[]>();
        await using (var command = new NpgsqlCommand($"select tree, level, index, hash from {tables.Nodes} {where}", connection))
        {
            if (trees is not null)
                command.Parameters.Add(new() { Value = trees.ToArray() });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                nodes[(reader.GetGuid(0), reader.GetInt32(1), reader.GetInt64(2))] = reader.GetFieldValue<byte[]>(3);
        }
        return new(blocks.GroupBy(b => b.Tree).ToDictionary(g => g.Key, g => (IReadOnlyList<TreeBlock>)[.. g]), nodes);
    }
}

/// <summary>
/// The leaves that a tree's blocks list, where the blocks join: each begins where the one before ended, and has as much of everything as
/// leaves.
/// </summary>
internal sealed class ListedLeaves
{
    private readonly List<TreeBlock> _blocks = [];
    private readonly List<long> _firsts = [];

    private ListedLeaves()
    {
    }

    public long Count { get; private set; }

    /// <summary>Place in the ledger of the last leaf.</summary>
    public long LastSequence => _blocks.Count == 0 ? 0 : _blocks[^1].LastSequence;

    /// <summary>Where blocks end: sizes that the tree had when it was sealed, among others.</summary>
    public IEnumerable<(long Size, long LastSequence)> BlockEnds => _blocks.Select((block, i) =>
        (i + 1 < _firsts.Count ? _firsts[i + 1] : Count, block.LastSequence));

    /// <summary>Null where the blocks do not join.</summary>
    /// <param name="named">Whether they say of each leaf which event it was.</param>
    public static ListedLeaves? Of(IReadOnlyList<TreeBlock> blocks, bool named)
    {
        var leaves = new ListedLeaves();
        foreach (var block in blocks)
        {
            var count = block.Hashes.Length / 32;
            if (block.First != leaves.Count || count == 0 || block.Hashes.Length != 32 * count
                || leaves.Count / TreeTables.BlockLeaves != (leaves.Count + count - 1) / TreeTables.BlockLeaves
                || (block.Entries?.Length ?? -1) != (named ? LeafEntry.Size * count : -1))
                return null;
            leaves._blocks.Add(block);
            leaves._firsts.Add(leaves.Count);
            leaves.Count += count;
        }
        return leaves;
    }

    public ReadOnlySpan<byte> Chain(long index)
    {
        var (block, at) = Find(index);
        return block.Hashes.AsSpan(32 * at, 32);
    }

    public ReadOnlySpan<byte> EntryBytes(long index)
    {
        var (block, at) = Find(index);
        return block.Entries.AsSpan(LeafEntry.Size * at, LeafEntry.Size);
    }

    public LeafEntry Entry(long index) => LeafEntry.Read(EntryBytes(index));

    private (TreeBlock Block, int At) Find(long index)
    {
        var block = _firsts.BinarySearch(index);
        if (block < 0)
            block = ~block - 1;
        return (_blocks[block], (int)(index - _firsts[block]));
    }

    public delegate ReadOnlySpan<byte> ChainAt(long index);

    /// <summary>The tree over them: its roots at the end of every block, and the nodes that are to be stored of it.</summary>
    public (IReadOnlyDictionary<long, string> Roots, IReadOnlyDictionary<(int Level, long Index), byte[]> Nodes) Grow() =>
        TreeOf(Count, Chain, BlockEnds.Select(end => end.Size).ToHashSet());

    /// <summary>The tree over some leaves, as <see cref="Grow"/>.</summary>
    /// <param name="sizes">At which sizes the root is wanted, beside the last.</param>
    public static (IReadOnlyDictionary<long, string> Roots, IReadOnlyDictionary<(int Level, long Index), byte[]> Nodes) TreeOf(
        long count, ChainAt chain, IReadOnlySet<long>? sizes = null)
    {
        var (roots, nodes) = (new Dictionary<long, string>(), new Dictionary<(int, long), byte[]>());
        var tree = new MerkleTree
        {
            Completed = (level, index, hash) =>
            {
                if (level >= TreeTables.NodeLevel)
                    nodes[(level, index)] = hash;
            },
        };
        for (var i = 0L; i < count; i++)
        {
            tree.Add(chain(i));
            if (sizes?.Contains(tree.Count) == true)
                roots[tree.Count] = tree.Root();
        }
        roots[count] = tree.Root();
        return (roots, nodes);
    }
}
