using System.Numerics;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Packing;

/// <summary>
/// Packs pieces into rows of one length: the longest first, each into the row where it leaves the least room. No piece is cut; the same
/// input gives the same rows.
/// </summary>
public static class BestFit
{
    /// <param name="pieces">None longer than <paramref name="length"/>.</param>
    /// <param name="length">Tokens per row.</param>
    /// <returns>Rows in order of their earliest piece; within a row pieces keep the order in which they came.</returns>
    public static PackedRows Pack(IReadOnlyList<Piece> pieces, int length) => Pack(pieces, length, out _);

    /// <param name="tokens">Tokens of each row, padding not counted.</param>
    /// <inheritdoc cref="Pack(IReadOnlyList{Piece}, int)"/>
    public static PackedRows Pack(IReadOnlyList<Piece> pieces, int length, out IReadOnlyList<int> tokens)
    {
        var ordered = Assign(pieces, new Rooms(length)).Select(row => row.Order().ToList()).OrderBy(row => row[0]).ToList();
        var packed = new PackedRows(length, new int[ordered.Count * length], new int[ordered.Count * length],
            new int[ordered.Count * length]);
        Array.Fill(packed.Labels, PackedRows.NotScored);
        tokens = [.. ordered.Select(row => row.Sum(number => pieces[number].Length))];
        for (var row = 0; row < ordered.Count; row++)
        {
            var at = row * length;
            foreach (var piece in ordered[row].Select(number => pieces[number]))
            {
                piece.Ids.Span.CopyTo(packed.InputIds.AsSpan(at));
                piece.Labels.Span.CopyTo(packed.Labels.AsSpan(at));
                for (var i = 0; i < piece.Length; i++)
                    packed.PositionIds[at + i] = i;
                at += piece.Length;
            }
            for (var (i, end) = (0, (row + 1) * length); at < end; i++, at++)
                packed.PositionIds[at] = i;   // what stays empty is a context of its own, which no piece sees and nothing scores
        }
        return packed;
    }

    private static List<List<int>> Assign(IReadOnlyList<Piece> pieces, Rooms rooms)
    {
        var rows = new List<List<int>>();
        foreach (var number in Enumerable.Range(0, pieces.Count).OrderByDescending(number => pieces[number].Length))   // stable
        {
            var size = pieces[number].Length;
            if (size > rooms.Length || size == 0)
                throw new ArgumentException($"Piece {number} has {size} tokens; 1 to {rooms.Length} fit into a row.", nameof(pieces));
            if (rooms.Take(size) is not { } found)
            {
                found = (rows.Count, rooms.Length);
                rows.Add([]);
            }
            rows[found.Row].Add(number);
            rooms.Put(found.Row, found.Room - size);
        }
        return rows;
    }

    /// <summary>Rows by the room that they have left.</summary>
    private sealed class Rooms(int length)
    {
        private readonly Stack<int>?[] _rows = new Stack<int>[length + 1];
        private readonly ulong[] _any = new ulong[length / 64 + 1];   // bit r: some row has the room r

        public int Length => length;

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
