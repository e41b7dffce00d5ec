using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.Tests.Verification;

/// <summary>Where something has to be found.</summary>
internal sealed record Place(Guid? Stream, long? Version, string Field);

/// <summary>Something that is done to a sealed ledger behind its back, and what has to be said of it.</summary>
/// <param name="Kind">For counting: which part of the ledger, and what of it.</param>
/// <param name="Sql">What is done.</param>
/// <param name="All">Every one of these has to be found.</param>
internal sealed record Edit(string Kind, string Sql, params IReadOnlyList<Place> All)
{
    /// <summary>One of these has to be found, where there are any: of two that changed places either may be said to have moved.</summary>
    public IReadOnlyList<Place> Any { get; init; } = [];

    /// <summary>Streams that were touched beside those of the places.</summary>
    public IReadOnlyList<Guid?> AlsoTouched { get; init; } = [];

    /// <summary>Whether it takes a checkpoint that was kept elsewhere to find it.</summary>
    public bool NeedsCheckpoint { get; init; }

    /// <summary>What is wrong with the answer; null: nothing.</summary>
    public string? Problem(IReadOnlyList<Difference> found)
    {
        foreach (var place in All)
            if (!found.Any(d => Is(d, place)))
                return $"{place} was not found";
        if (Any.Count > 0 && !Any.Any(place => found.Any(d => Is(d, place))))
            return $"none of {string.Join(" and ", Any)} was found";
        var touched = All.Concat(Any).Select(place => (place.Stream, place.Version)).ToHashSet();
        var wrong = found.FirstOrDefault(d => !touched.Contains((d.Stream, d.Version)) && !AlsoTouched.Contains(d.Stream));
        return wrong is null ? null : $"nobody touched what is told of: {wrong}";
    }

    private static bool Is(Difference d, Place place) =>
        d.Stream == place.Stream && d.Version == place.Version
            && (d.Field == place.Field || place.Field.EndsWith('*') && d.Field.StartsWith(place.Field[..^1], StringComparison.Ordinal));
}
