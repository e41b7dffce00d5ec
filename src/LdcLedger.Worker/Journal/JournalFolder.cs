using System.Globalization;

namespace LdcLedger.Worker.Journal;

/// <summary>
/// The journals of a machine: one file per run and attempt, named <c>RUN.ATTEMPT.journal</c>, so that what belongs to a superseded
/// attempt can be told by its name alone and be discarded without being read.
/// </summary>
public sealed class JournalFolder(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Opens the journal of an attempt, a new one where there is none.</summary>
    public JournalFile Open(Guid run, int attempt)
    {
        Directory.CreateDirectory(Path);
        return JournalFile.Open(PathOf(run, attempt));
    }

    public bool Has(Guid run, int attempt) => File.Exists(PathOf(run, attempt));

    /// <summary>The attempts that left a journal, in the order of run and attempt; other files of the folder are passed over.</summary>
    public IReadOnlyList<(Guid Run, int Attempt)> Left()
    {
        if (!Directory.Exists(Path))
            return [];
        var left = new List<(Guid Run, int Attempt)>();
        foreach (var file in Directory.EnumerateFiles(Path, "*.journal"))
        {
            var parts = System.IO.Path.GetFileName(file).Split('.');
            if (parts.Length == 3 && Guid.TryParseExact(parts[0], "D", out var run)
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var attempt))
                left.Add((run, attempt));
        }
        return [.. left.Order()];
    }

    /// <summary>Lets go of an attempt's journal: its facts are in the ledger, or a newer attempt has taken its place.</summary>
    public void Discard(Guid run, int attempt)
    {
        File.Delete(PathOf(run, attempt));
        WholeFile.SyncFolder(Path);
    }

    private string PathOf(Guid run, int attempt) =>
        System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{run:D}.{attempt}.journal"));
}
