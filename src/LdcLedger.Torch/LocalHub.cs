namespace LdcLedger.Torch;

/// <summary>
/// What Hugging Face's libraries have downloaded to this machine: their cache of repositories, each in one or more snapshots.
/// </summary>
internal static class LocalHub
{
    /// <summary>
    /// The snapshot of a repository: the one that its main branch pointed to when it was last downloaded, else the newest; null where none
    /// is there.
    /// </summary>
    /// <param name="kind">models or datasets.</param>
    /// <param name="name">As on the hub, e.g. <c>meta-llama/Llama-3.2-1B</c>; upper and lower case are one.</param>
    public static string? Snapshot(string kind, string name, Func<string, string?>? environment = null)
    {
        var folder = $"{kind}--{name.Replace("/", "--", StringComparison.Ordinal)}";
        try
        {
            var cache = new DirectoryInfo(CacheFolder(environment ?? Environment.GetEnvironmentVariable));
            var repository = cache.Exists ? cache.EnumerateDirectories()
                .Where(d => d.Name.Equals(folder, StringComparison.OrdinalIgnoreCase))
                .OrderBy(d => d.Name != folder).FirstOrDefault() : null;
            return repository is null ? null : SnapshotIn(repository.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;   // a hint that cannot be given
        }
    }

    /// <summary>The snapshot inside the folder of one repository of a cache; null where it is no such folder.</summary>
    public static string? SnapshotIn(string repository)
    {
        var snapshots = new DirectoryInfo(Path.Combine(repository, "snapshots"));
        if (!snapshots.Exists)
            return null;
        var main = Path.Combine(repository, "refs", "main");
        if (InputEntry.At(main) is { Kind: EntryKind.File, Length: < 1000 }
            && File.ReadAllText(main).Trim() is { Length: > 0 } revision && Path.GetFileName(revision) == revision
            && Directory.Exists(Path.Combine(snapshots.FullName, revision)))
            return Path.Combine(snapshots.FullName, revision);
        return snapshots.EnumerateDirectories().OrderByDescending(d => d.LastWriteTimeUtc).ThenBy(d => d.Name, StringComparer.Ordinal)
            .FirstOrDefault()?.FullName;
    }

    /// <summary>As huggingface_hub looks for it.</summary>
    private static string CacheFolder(Func<string, string?> environment)
    {
        if (Stated("HF_HUB_CACHE") is { } cache)
            return cache;
        return Path.Combine(Stated("HF_HOME") ?? Path.Combine(Stated("XDG_CACHE_HOME") ?? Path.Combine(Home(environment), ".cache"),
            "huggingface"), "hub");

        string? Stated(string name) => environment(name) is { Length: > 0 } value
            ? value == "~" || value.StartsWith("~/", StringComparison.Ordinal) ? Home(environment) + value[1..] : value : null;
    }

    /// <summary>The folder of this user's own.</summary>
    public static string Home(Func<string, string?> environment) => environment("HOME") is { Length: > 0 } home
        ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
