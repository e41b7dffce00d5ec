using LdcLedger.Domain;

namespace LdcLedger.Reports.Studies;

/// <summary>
/// What a panel lacks, under it: each reason once, as far as a line or two hold it. The tables of what is missing have it whole.
/// </summary>
internal static class FigureNotes
{
    private const int Longest = 90;

    /// <summary>Null where nothing is missing.</summary>
    /// <param name="parts">Of the panel, with the reason why each is missing or not whole; null of one that is there.</param>
    public static string? Of(IEnumerable<(string Name, string? Why)> parts)
    {
        var notes = parts.Where(part => part.Why is not null).GroupBy(part => part.Why!)
            .Select(same => $"{Plural.List([.. same.Select(part => part.Name)])}: {Clipped(same.Key)}").ToList();
        return notes.Count == 0 ? null : string.Join("; ", notes);
    }

    private static string Clipped(string why) => why.Length <= Longest ? why : why[..Longest].TrimEnd() + "…";
}
