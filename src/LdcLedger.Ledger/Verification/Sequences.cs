namespace LdcLedger.Ledger.Verification;

/// <summary>What stands out of order in a sequence.</summary>
internal static class Sequences
{
    /// <summary>
    /// The places whose numbers have to be taken out so that the rest rises: as few as possible, that is all but a longest rising
    /// subsequence.
    /// </summary>
    public static IReadOnlySet<int> OutOfOrder(IReadOnlyList<long> numbers)
    {
        // Patience sorting: of every length the rising subsequence that ends lowest, and what comes before each number in its own.
        var (ends, before) = (new List<int>(), new int[numbers.Count]);
        for (var i = 0; i < numbers.Count; i++)
        {
            var (low, high) = (0, ends.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (numbers[ends[middle]] < numbers[i])
                    low = middle + 1;
                else
                    high = middle;
            }
            before[i] = low > 0 ? ends[low - 1] : -1;
            if (low == ends.Count)
                ends.Add(i);
            else
                ends[low] = i;
        }
        var outside = Enumerable.Range(0, numbers.Count).ToHashSet();
        for (var i = ends.Count > 0 ? ends[^1] : -1; i >= 0; i = before[i])
            outside.Remove(i);
        return outside;
    }
}
