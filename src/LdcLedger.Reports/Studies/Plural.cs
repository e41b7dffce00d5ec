namespace LdcLedger.Reports.Studies;

/// <summary>Counts with their noun.</summary>
internal static class Plural
{
    /// <summary>1 run, 2 runs.</summary>
    public static string Of(int count, string noun) => $"{Numbers.Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>a, b and c.</summary>
    public static string List(IReadOnlyList<string> items) =>
        items.Count < 2 ? string.Concat(items) : string.Join(", ", items.Take(items.Count - 1)) + " and " + items[^1];
}
