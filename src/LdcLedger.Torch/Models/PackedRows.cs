namespace LdcLedger.Torch.Models;

/// <summary>Rows of a fixed length that hold whole pieces of documents one after another, wherever they are kept.</summary>
public interface ITokenRows
{
    /// <summary>Tokens per row.</summary>
    int Length { get; }

    int Rows { get; }

    /// <summary>One row, each of the spans <see cref="Length"/> long. Safe to call from several threads.</summary>
    /// <param name="ids">Token ids; what stays empty at a row's end holds any valid id.</param>
    /// <param name="labels">Aligned with the ids (shift by one when scoring); <see cref="PackedRows.NotScored"/> is not scored. The first
    /// token of a piece is never scored.</param>
    /// <param name="positions">Position inside the piece; 0 begins a new one. Attention never crosses that border.</param>
    void Read(int row, Span<int> ids, Span<int> labels, Span<int> positions);

    /// <summary>Between which numbers all of it lies.</summary>
    RowExtent Extent { get; }
}

/// <summary>The least and the largest number of each kind in some rows, both in them; labels that are not scored are left out.</summary>
public readonly record struct RowExtent(
    int LeastId, int LargestId, int LeastLabel, int LargestLabel, int LeastPosition, int LargestPosition)
{
    public static readonly RowExtent None = new(int.MaxValue, int.MinValue, int.MaxValue, int.MinValue, int.MaxValue, int.MinValue);

    public RowExtent With(ReadOnlySpan<int> ids, ReadOnlySpan<int> labels, ReadOnlySpan<int> positions)
    {
        var (leastId, largestId, leastLabel, largestLabel, leastPosition, largestPosition) = this;
        foreach (var id in ids)
            (leastId, largestId) = (Math.Min(leastId, id), Math.Max(largestId, id));
        foreach (var label in labels)
            if (label != PackedRows.NotScored)
                (leastLabel, largestLabel) = (Math.Min(leastLabel, label), Math.Max(largestLabel, label));
        foreach (var position in positions)
            (leastPosition, largestPosition) = (Math.Min(leastPosition, position), Math.Max(largestPosition, position));
        return new(leastId, largestId, leastLabel, largestLabel, leastPosition, largestPosition);
    }
}

/// <summary>Rows in memory, row-major [rows x Length]; the arrays are as <see cref="ITokenRows.Read"/> tells of its spans.</summary>
/// <param name="Length">Tokens per row.</param>
public sealed record PackedRows(int Length, int[] InputIds, int[] Labels, int[] PositionIds) : ITokenRows
{
    /// <summary>The label of a token that is not scored.</summary>
    public const int NotScored = -100;

    public int Rows => InputIds.Length / Length;

    /// <exception cref="InvalidInputException">The arrays are not whole rows of one number.</exception>
    public RowExtent Extent =>
        Length < 1 || InputIds.Length % Length != 0 || Labels.Length != InputIds.Length || PositionIds.Length != InputIds.Length
            ? throw new InvalidInputException($"Packed rows of {Length} tokens hold {InputIds.Length} ids, "
                + $"{Labels.Length} labels and {PositionIds.Length} positions; whole rows of all three are needed.")
            : RowExtent.None.With(InputIds, Labels, PositionIds);

    public void Read(int row, Span<int> ids, Span<int> labels, Span<int> positions)
    {
        InputIds.AsSpan(row * Length, Length).CopyTo(ids);
        Labels.AsSpan(row * Length, Length).CopyTo(labels);
        PositionIds.AsSpan(row * Length, Length).CopyTo(positions);
    }
}
