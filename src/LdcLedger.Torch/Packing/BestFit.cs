using System.Numerics;

namespace LdcLedger.Torch.Packing;

/// <summary>
/// Packs pieces into rows of one length: the longest first, each into the row where it leaves the least room. No piece is cut; the same
/// input gives the same rows.
/// </summary>
public static class BestFit
{
    /// <param name="sizes">Tokens of each piece, 1 to <paramref name="length"/>.</param>
    /// <param name="length">Tokens per row.</param>
    /// <returns>The row of each piece. Rows are numbered in order of their earliest piece.</returns>
    public static (int[] RowOf, int Rows) Pack(ReadOnlySpan<int> sizes, int length)
    {
        var rowOf = new int[sizes.Length];
        var rooms = new Rooms(length);
        var rows = 0;
        foreach (var number in LongestFirst(sizes, length))
        {
            var (row, room) = rooms.Take(sizes[number]) ?? (rows++, length);
            rowOf[number] = row;
            rooms.Put(row, room - sizes[number]);
        }
        var numbers = new int[rows];
        Array.Fill(numbers, -1);
        var next = 0;
        foreach (ref var row in rowOf.AsSpan())
        {
            if (numbers[row] < 0)
                numbers[row] = next++;
            row = numbers[row];
        }
        return (rowOf, rows);
    }

    /// <summary>Numbers of the pieces; those of one size in the order in which they came.</summary>
    private static int[] LongestFirst(ReadOnlySpan<int> sizes, int length)
    {
        var starts = new int[length + 2];   // by size, from the largest on
        for (var number = 0; number < sizes.Length; number++)
        {
            if (sizes[number] < 1 || sizes[number] > length)
                throw new ArgumentException($"Piece {number} has {sizes[number]} tokens; 1 to {length} fit into a row.", nameof(sizes));
            starts[length - sizes[number] + 1]++;
        }
        for (var i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        var ordered = new int[sizes.Length];
        for (var number = 0; number < sizes.Length; number++)
            ordered[starts[length - sizes[number]]++] = number;
        return ordered;
    }

    /// <summary>Rows by the room that they have left.</summary>
    private sealed class Rooms(int length)
    {
        private readonly Stack<int>?[] _rows = new Stack<int>[length + 1];
        private readonly ulong[] _any = new ulong[length / 64 + 1];   // bit r: some row has the room r

        public void Put(int row, int room)
        {
            (_rows[room] ??= new Stack<int>()).Push(row);
            _any[room >> 6] |= 1UL << room;
        }

        /// <summary>Takes out the row with the least room of at least <paramref name="size"/>.</summary>
        public (int Row, int Room)? Take(int size)
        {
            for (var word = size >> 6; word < _any.Length; word++)
            {
                var bits = _any[word] & (word == size >> 6 ? ulong.MaxValue << size : ulong.MaxValue);
                if (bits == 0)
                    continue;
                var room = word << 6 | BitOperations.TrailingZeroCount(bits);
                var row = _rows[room]!.Pop();
                if (_rows[room]!.Count == 0)
                    _any[room >> 6] &= ~(1UL << room);
                return (row, room);
            }
            return null;
        }
    }
}
