namespace LdcLedger.Torch.Models;

/// <summary>Rows of a fixed length that hold whole pieces of documents one after another, row-major [rows x Length].</summary>
/// <param name="Length">Tokens per row.</param>
/// <param name="InputIds">Token ids; what stays empty at a row's end holds any valid id.</param>
/// <param name="Labels">Aligned with <paramref name="InputIds"/> (shift by one when scoring); -100 is not scored. The first token of a
/// piece is never scored.</param>
/// <param name="PositionIds">Position inside the piece; 0 begins a new one. Attention never crosses that border.</param>
public sealed record PackedRows(int Length, int[] InputIds, int[] Labels, int[] PositionIds)
{
    /// <summary>The label of a token that is not scored.</summary>
    public const int NotScored = -100;

    public int Rows => InputIds.Length / Length;
}
