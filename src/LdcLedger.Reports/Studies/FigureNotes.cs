using LdcLedger.Domain;

namespace LdcLedger.Reports.Studies;

/// <summary>What a panel lacks, under it: each reason once.</summary>
internal static class FigureNotes
{
    /// <summary>Null where nothing is missing.</summary>
    /// <param name="parts">Of the panel, with the reason why each is missing or not whole; null of one that is there.</param>
    public static string? Of(IEnumerable<(string Name, string? Why)> parts)
    {
        var notes = parts.Where(part => part.Why is not null).GroupBy(part => part.Why!)
            .Select(same => $"{Plural.List([.. same.Select(part => part.Name)])}: {same.Key}").ToList();
        return notes.Count == 0 ? null : string.Join("; ", notes);
    }
}
