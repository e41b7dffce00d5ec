using System.Globalization;

namespace LdcLedger.Domain;

/// <summary>Counts with their noun, and lists, in a sentence.</summary>
public static class Plural
{
    /// <summary>1 run, 2 runs, 5,000 runs.</summary>
    /// <param name="noun">One of it; the plural takes an s.</param>
    public static string Of(long count, string noun) =>
        $"{count.ToString("#,0", CultureInfo.InvariantCulture)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>a, b and c.</summary>
    public static string List(IReadOnlyList<string> items) =>
        items.Count < 2 ? string.Concat(items) : string.Join(", ", items.Take(items.Count - 1)) + " and " + items[^1];
}
