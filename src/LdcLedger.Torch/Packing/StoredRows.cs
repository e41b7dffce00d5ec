using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Packing;

/// <summary>Pieces packed into rows, put together whenever a row is asked for; memory holds twenty bytes a piece.</summary>
internal sealed class StoredRows : ITokenRows
{
    private readonly TokenStore _store;
    private readonly Piece[] _pieces;   // in order of rows; within a row as they came
    private readonly int[] _starts;     // of each row in the pieces, and their number
    private readonly Lazy<RowExtent> _extent;

    /// <param name="pieces">None longer than <paramref name="length"/>; those that score nothing are not among them.</param>
    public StoredRows(TokenStore store, IReadOnlyList<Piece> pieces, int length)
    {
        (_store, Length) = (store, length);
        var sizes = new int[pieces.Count];
        for (var i = 0; i < sizes.Length; i++)
            sizes[i] = pieces[i].Length;
        (var rowOf, Rows) = BestFit.Pack(sizes, length);
        _starts = new int[Rows + 1];
        foreach (var row in rowOf)
            _starts[row + 1]++;
        for (var row = 0; row < Rows; row++)
            _starts[row + 1] += _starts[row];
        _pieces = new Piece[pieces.Count];
        var next = _starts.ToArray();
        for (var i = 0; i < rowOf.Length; i++)
            _pieces[next[rowOf[i]]++] = pieces[i];
        _extent = new(Measure);
    }

    public int Length { get; }

    public int Rows { get; }

    /// <summary>Tokens of each row, padding not counted.</summary>
    public int[] RowTokens()
    {
        var tokens = new int[Rows];
        for (var row = 0; row < Rows; row++)
            foreach (var piece in PiecesOf(row))
                tokens[row] += piece.Length;
        return tokens;
    }

    public RowExtent Extent => _extent.Value;

    public void Read(int row, Span<int> ids, Span<int> labels, Span<int> positions)
    {
        ReadTokens(row, ids, labels);
        ReadPositions(row, positions);
    }

    private void ReadTokens(int row, Span<int> ids, Span<int> labels)
    {
        var at = 0;
        foreach (var piece in PiecesOf(row))
        {
            _store.Read(piece.At, ids.Slice(at, piece.Length));
            for (var i = 0; i < piece.Length; i++, at++)
            {
                var stored = ids[at];
                ids[at] = StoredToken.Id(stored);
                labels[at] = i >= piece.From && StoredToken.IsScored(stored) ? ids[at] : PackedRows.NotScored;
            }
        }
        ids[at..].Clear();
        labels[at..].Fill(PackedRows.NotScored);
    }

    private void ReadPositions(int row, Span<int> positions)
    {
        var at = 0;
        foreach (var piece in PiecesOf(row))
            for (var i = 0; i < piece.Length; i++)
                positions[at++] = i;
        for (var i = 0; at < Length; i++)
            positions[at++] = i;   // what stays empty is a context of its own, which no piece sees and nothing scores
    }

    /// <summary>SHA-256 of rows of both kinds: of length, number, ids, labels and positions of the ones, then of the others.</summary>
    public static string HashOf(params StoredRows[] parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var rows in parts)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>((int[])[rows.Length, rows.Rows]));
            var (ids, labels) = (new int[rows.Length], new int[rows.Length]);
            foreach (var kind in (int[][])[ids, labels])
                for (var row = 0; row < rows.Rows; row++)
                {
                    rows.ReadTokens(row, ids, labels);
                    hash.AppendData(MemoryMarshal.AsBytes<int>(kind));
                }
            for (var row = 0; row < rows.Rows; row++)
            {
                rows.ReadPositions(row, ids);
                hash.AppendData(MemoryMarshal.AsBytes<int>(ids));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private RowExtent Measure()
    {
        var (ids, labels, positions) = (new int[Length], new int[Length], new int[Length]);
        var extent = RowExtent.None;
        for (var row = 0; row < Rows; row++)
        {
            Read(row, ids, labels, positions);
            extent = extent.With(ids, labels, positions);
        }
        return extent;
    }

    private ReadOnlySpan<Piece> PiecesOf(int row) => _pieces.AsSpan(_starts[row].._starts[row + 1]);
}
