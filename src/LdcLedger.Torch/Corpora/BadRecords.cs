namespace LdcLedger.Torch.Corpora;

/// <summary>What becomes of a corpus with records that cannot be used.</summary>
public enum OnBadRecord
{
    /// <summary>It is refused, with all of them counted.</summary>
    Refuse,

    /// <summary>They are left out, and counted.</summary>
    Skip,
}

/// <summary>Records that cannot be used, met while a corpus is read: all of them counted, the first ten with place and reason.</summary>
public sealed class BadRecords
{
    private const int MostNamed = 10;

    private readonly List<(string Place, string Reason)> _first = [];

    public int Count { get; private set; }

    /// <summary>The first ten: where, and what is wrong there, without a full stop.</summary>
    public IReadOnlyList<(string Place, string Reason)> First => _first;

    /// <summary>As the end of a sentence about what is left: that some were left out; empty where none was.</summary>
    public string Skipped => Count == 0 ? "" : $"; {Count} that cannot be used {(Count == 1 ? "was" : "were")} left out";

    /// <summary>As a study spec names it.</summary>
    /// <exception cref="InvalidInputException">There is none of that name.</exception>
    public static OnBadRecord Named(string name) => name switch
    {
        "refuse" => OnBadRecord.Refuse,
        "skip" => OnBadRecord.Skip,
        _ => throw new InvalidInputException($"on_bad_record is {name}; refuse and skip are allowed."),
    };

    public void Note(string place, string reason)
    {
        Count++;
        if (_first.Count < MostNamed)
            _first.Add((place, reason));
    }

    /// <exception cref="InvalidInputException">There are some, and they are not to be skipped.</exception>
    public void Check(Corpus corpus, OnBadRecord on)
    {
        if (Count > 0 && on == OnBadRecord.Refuse)
            throw new InvalidInputException($"{Sentence(corpus)}. data.on_bad_record: skip leaves {(Count == 1 ? "it" : "them")} out.");
    }

    /// <summary>How many there are and which are the first, those with one reason together; without a full stop.</summary>
    public string Sentence(Corpus corpus)
    {
        var reasons = _first.GroupBy(bad => bad.Reason).Select(same => $"{string.Join(", ", Places(corpus, same))}: {same.Key}");
        return $"{Count} {(Count == 1 ? "record" : "records")} of {corpus.Path} cannot be used: {string.Join("; ", reasons)}"
            + (Count > _first.Count ? $"; and {Count - _first.Count} more" : "");
    }

    // The corpus is named already.
    private static IEnumerable<string> Places(Corpus corpus, IEnumerable<(string Place, string Reason)> bad)
    {
        var root = Path.GetFullPath(corpus.Path);
        foreach (var (place, _) in bad)
            yield return place.StartsWith(root, StringComparison.Ordinal) ? place[root.Length..].TrimStart('/', '\\', ',', ' ') : place;
    }
}
