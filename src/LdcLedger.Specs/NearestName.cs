namespace LdcLedger.Specs;

/// <summary>The known name that a mistyped one most likely meant.</summary>
public static class NearestName
{
    /// <summary>
    /// The known name with the fewest edits (insertions, deletions, replacements, swaps of neighbours), the earlier one of equals; null
    /// when there is none to choose from.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> known) =>
        known.MinBy(k => Distance(name.ToLowerInvariant().Replace('-', '_'), k.Replace('-', '_')));

    /// <summary>Optimal string alignment distance, by rows of the usual table.</summary>
    internal static int Distance(string a, string b)
    {
        var twoAgo = new int[b.Length + 1];
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(previous[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], twoAgo[j - 2] + 1);
            }
            (twoAgo, previous) = (previous, row);
        }
        return previous[b.Length];
    }
}
