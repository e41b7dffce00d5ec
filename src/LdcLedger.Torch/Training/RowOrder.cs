namespace LdcLedger.Torch.Training;

/// <summary>
/// The rows that each epoch reads, in their order. The data is gone through again and again, each time in a new order; an epoch takes the
/// next rows of this sequence, so that a capped epoch reads what the one before has left. Rows are shuffled, never what is inside them:
/// documents stay packed as they are.
/// </summary>
/// <param name="Rows">All rows there are, 1 or more.</param>
/// <param name="PerEpoch">Rows of an epoch, 1 to <paramref name="Rows"/>.</param>
/// <param name="Seed">Of the orders.</param>
/// <param name="Shuffle">False: as they stand, each time.</param>
public sealed record RowOrder(int Rows, int PerEpoch, long Seed, bool Shuffle = true)
{
    /// <param name="epoch">Counted from 0.</param>
    /// <returns>Numbers of rows, <see cref="PerEpoch"/> of them.</returns>
    public int[] Of(int epoch)
    {
        var read = new int[PerEpoch];
        var first = (long)epoch * PerEpoch;
        var (pass, order) = (-1L, (int[])[]);
        for (var i = 0; i < read.Length; i++)
        {
            if ((first + i) / Rows != pass) order = Pass(pass = (first + i) / Rows);
            read[i] = order[(int)((first + i) % Rows)];
        }
        return read;
    }

    /// <summary>Tokens that so many epochs read, and the first rows of the next.</summary>
    /// <param name="rowTokens">Of each row.</param>
    /// <param name="rows">Of the epoch after them, 0 to <see cref="PerEpoch"/>.</param>
    public long Tokens(int epochs, IReadOnlyList<int> rowTokens, int rows = 0) =>
        Enumerable.Range(0, epochs).Sum(epoch => Of(epoch).Sum(row => (long)rowTokens[row]))
            + (rows == 0 ? 0 : Of(epochs).Take(rows).Sum(row => (long)rowTokens[row]));

    private int[] Pass(long pass)
    {
        var order = Enumerable.Range(0, Rows).ToArray();
        if (!Shuffle) return order;
        var random = new SplitMix(SplitMix.Hash((ulong)Seed, (ulong)pass, SplitMix.Hash("order of rows")));
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }
}
