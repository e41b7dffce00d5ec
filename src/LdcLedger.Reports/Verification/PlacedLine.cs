namespace LdcLedger.Reports.Verification;

/// <summary>A line of a report's file, as a reader sees it.</summary>
/// <param name="Place">Where it is: a page of a PDF, a section or a table of a page of HTML.</param>
/// <param name="Words">Null where the place cannot be read.</param>
internal sealed record PlacedLine(string Place, IReadOnlyList<string>? Words);

/// <summary>Where two files of a report first say something else.</summary>
/// <param name="Place">In the file that is looked at.</param>
/// <param name="Found">Its word; null where it has none any more, or cannot be read.</param>
/// <param name="Expected">The other's word; null where that has none any more.</param>
/// <param name="Line">The line of <paramref name="Found"/>; null where it cannot be read.</param>
public sealed record WordDifference(string Place, string? Found, string? Expected, string? Line)
{
    /// <summary>Null where both say the same.</summary>
    /// <param name="isSame">Whether a word that was found stands for one that was expected, though it is another.</param>
    internal static WordDifference? Between(
        IReadOnlyList<PlacedLine> found, IReadOnlyList<PlacedLine> expected, Func<string, string, bool> isSame)
    {
        var (ours, theirs) = (Words(found).GetEnumerator(), Words(expected).GetEnumerator());
        while (true)
        {
            var (isThere, isExpected) = (ours.MoveNext(), theirs.MoveNext());
            if (!isThere && !isExpected)
                return null;
            var (place, word, line) = isThere ? ours.Current
                : (found.Count == 0 ? "the file" : $"the end of {found[^1].Place}", null, null);
            var wanted = isExpected ? theirs.Current.Word : null;
            if (word is null || wanted is null || word != wanted && !isSame(word, wanted))
                return new(place, word, wanted, line);
        }
    }

    private static IEnumerable<(string Place, string? Word, string? Line)> Words(IReadOnlyList<PlacedLine> lines)
    {
        foreach (var line in lines)
            if (line.Words is null)
                yield return (line.Place, null, null);
            else
                foreach (var word in line.Words)
                    yield return (line.Place, word, string.Join(' ', line.Words));
    }
}
