namespace LdcLedger.Reports;

/// <summary>
/// A folder within that of a report, in which the report is written whole before any of it takes its place: a build that fails, for want
/// of space or because it is asked to stop, leaves the report before it as it was.
/// </summary>
internal sealed class StagedReport : IDisposable
{
    // Is held as long as its builder lives.
    private const string LockName = ".lock";

    private readonly string _folder;
    private readonly FileStream _lock;

    /// <exception cref="IOException">The folder takes no files.</exception>
    public StagedReport(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        RemoveLeftOnes();
        Path = WholeFile.Unfinished(System.IO.Path.Combine(folder, "report"));
        Directory.CreateDirectory(Path);
        try
        {
            _lock = new(System.IO.Path.Combine(Path, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        }
        catch (IOException)
        {
            Directory.Delete(Path, recursive: true);
            throw;
        }
    }

    /// <summary>Where it is written.</summary>
    public string Path { get; }

    /// <summary>Gives files their places; those that are there are replaced.</summary>
    /// <param name="files">Paths below the folder.</param>
    public void Finish(IReadOnlyList<string> files)
    {
        foreach (var within in files.GroupBy(file => System.IO.Path.GetDirectoryName(Full(file))!))
        {
            Directory.CreateDirectory(within.Key);
            foreach (var file in within)
                File.Move(System.IO.Path.Combine(Path, file), Full(file), overwrite: true);
            WholeFile.SyncFolder(within.Key);
        }
    }

    /// <summary>Refuses files that cannot have their places, before any of them is moved.</summary>
    /// <exception cref="IOException">A folder stands where a file is to go.</exception>
    public void CheckPlaces(IReadOnlyList<string> files)
    {
        if (files.FirstOrDefault(file => Directory.Exists(Full(file))) is { } taken)
            throw new IOException($"{Full(taken)} is a folder, where a file of that name is to be written.");
    }

    public void Dispose()
    {
        _lock.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    private string Full(string file) => System.IO.Path.Combine(_folder, file);

    /// <summary>Of builds that were killed; one that is going on holds its lock.</summary>
    private void RemoveLeftOnes()
    {
        foreach (var left in Directory.GetDirectories(_folder, ".unfinished-*"))
        {
            try
            {
                using (new FileStream(System.IO.Path.Combine(left, LockName), FileMode.Open, FileAccess.Write, FileShare.None))
                    Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody's, or no staged report at all.
            }
        }
    }
}
