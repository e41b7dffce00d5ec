namespace LdcLedger.Torch.Corpora;

/// <summary>
/// What lies in a corpus folder and below it, in order of names: the files, and what is passed over already. Links to folders are not
/// followed; a link to a file is read like the file, unless that is read under its own name, or under an earlier link to it.
/// </summary>
internal sealed class FolderEntries
{
    private readonly string _root;
    private readonly Dictionary<string, (int Count, string Example)> _passedOver = new(StringComparer.Ordinal);

    private FolderEntries(string root) => _root = root;

    /// <summary>Files with their names in the folder, '/' between its parts.</summary>
    public IReadOnlyList<(string Name, InputFile File)> Files { get; private set; } = [];

    public IReadOnlyList<PassedOver> PassedOver =>
        [.. _passedOver.Select(entry => new PassedOver(entry.Value.Count, entry.Key, entry.Value.Example))
            .OrderBy(passed => passed.Reason, StringComparer.Ordinal)];

    /// <param name="sources">Folders that hold no sources are not entered.</param>
    /// <exception cref="InvalidInputException">A folder cannot be read.</exception>
    public static FolderEntries Of(string root, bool sources)
    {
        var entries = new FolderEntries(System.IO.Path.GetFullPath(root));
        var found = new List<(string Name, InputEntry Entry)>();
        try
        {
            entries.Walk(entries._root, sources, found);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException($"The corpus folder \"{root}\" cannot be read: {e.Message}", e);
        }
        found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        var read = found.Where(f => !f.Entry.IsLink).Select(f => f.Entry.Identity).ToHashSet(StringComparer.Ordinal);
        var files = new List<(string, InputFile)>();
        foreach (var (name, entry) in found)
            if (entry.IsLink && !read.Add(entry.Identity))
                entries.PassOver(name, "links to files that are read anyway");
            else
                files.Add((name, InputFile.At(entry.Path)));
        entries.Files = files;
        return entries;
    }

    /// <summary>Leaves files out, each with its reason.</summary>
    /// <param name="reason">In the plural; null for one that is read.</param>
    public void Keep(Func<string, InputFile, string?> reason)
    {
        var kept = new List<(string, InputFile)>();
        foreach (var (name, file) in Files)
            if (reason(name, file) is { } why)
                PassOver(name, why);
            else
                kept.Add((name, file));
        Files = kept;
    }

    private void Walk(string folder, bool sources, List<(string Name, InputEntry Entry)> found)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            var name = System.IO.Path.GetRelativePath(_root, path).Replace('\\', '/');
            if (System.IO.Path.GetFileName(path).StartsWith('.'))
            {
                PassOver(name, "hidden");
                continue;
            }
            var entry = InputEntry.At(path);
            if (entry is { Kind: EntryKind.Folder, IsLink: false })
            {
                if (sources && NotSource.FolderReason(path) is { } reason)
                    PassOver(name + "/", reason);
                else
                    Walk(path, sources, found);
            }
            else if (entry.Kind == EntryKind.File)
                found.Add((name, entry));
            else
                PassOver(name, Reason(entry));
        }
    }

    private static string Reason(InputEntry entry) => entry.Kind switch
    {
        EntryKind.Folder => "links to folders",
        EntryKind.BrokenLink or EntryKind.LinkLoop or EntryKind.Missing => "links that lead nowhere",
        EntryKind.Pipe or EntryKind.Socket or EntryKind.Device => "pipes, sockets and devices",
        EntryKind.OutOfReach => "out of reach",
        _ => throw new InvalidOperationException($"An entry of the kind {entry.Kind} is read."),
    };

    private void PassOver(string name, string reason)
    {
        var (count, example) = _passedOver.GetValueOrDefault(reason, (0, name));
        _passedOver[reason] = (count + 1, string.CompareOrdinal(name, example) < 0 ? name : example);
    }
}
