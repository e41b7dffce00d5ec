using System.Text.RegularExpressions;

namespace LdcLedger.Torch;

/// <summary>
/// Helps with a path that leads nowhere and reads like something else: a name on the Hugging Face hub, an address, or a spelling that only
/// a shell understands. Paths are taken literally, so the help is a sentence, never another path.
/// </summary>
public static partial class PathHint
{
    /// <summary>The rest of a sentence that has said that there is no such model, beginning with "; "; empty where nothing helps.</summary>
    /// <param name="path">As given, or made absolute from <paramref name="folder"/>.</param>
    /// <param name="folder">Where relative paths start; null for this process' own.</param>
    public static string ForModel(string path, string? folder = null, Func<string, string?>? environment = null) =>
        For("models", path, folder, environment ?? Environment.GetEnvironmentVariable);

    /// <summary>As the other, of a corpus.</summary>
    public static string ForCorpus(string path, string? folder = null, Func<string, string?>? environment = null) =>
        For("datasets", path, folder, environment ?? Environment.GetEnvironmentVariable);

    private static string For(string kind, string path, string? folder, Func<string, string?> environment)
    {
        folder = Path.GetFullPath(folder ?? ".");
        if (Directory.Exists(path))
            return InFolder(path);
        var given = AsGiven(path, folder);
        if (HubAddress().Match(given) is { Success: true } hub)
            return OnHub(hub.Groups["kind"].Success ? "datasets" : kind, hub.Groups["name"].Value, environment,
                "nothing is read from the hub itself");
        if (FileAddress().Match(given) is { Success: true } file)
            return $"; a path stands without file:, so write {Uri.UnescapeDataString(file.Groups["path"].Value)}";
        if (given.Contains(":/", StringComparison.Ordinal) && Scheme().IsMatch(given))
            return "; it is an address, and nothing is read over a network: save it here and give its path";
        if (given[0] == '~' && Tilde(given, environment) is { } home)
            return $"; ~ is a shell's, so write {home}";
        if (given[0] == '~' || Variable().IsMatch(given))
            return $"; {(given[0] == '~' ? "~ is" : "variables are")} a shell's, so write the whole path"
                + (given[0] != '~' && Expanded(given, environment) is { } whole ? $", {whole}" : "");
        return !HubName().IsMatch(given) || ReadsAsPath(given, folder) && LocalHub.Snapshot(kind, given, environment) is null ? ""
            : OnHub(kind, given, environment, "names on the Hugging Face hub are not looked up");
    }

    /// <summary>What has the form of a name on the hub, but is a file or lies in a folder of one's own.</summary>
    private static bool ReadsAsPath(string given, string folder) =>
        given.IndexOf('/', StringComparison.Ordinal) is var slash && slash < 0 || FileName().IsMatch(given)
            || OwnFolder().IsMatch(given) || Directory.Exists(Path.Combine(folder, given[..slash]));

    private static string OnHub(string kind, string name, Func<string, string?> environment, string why) =>
        LocalHub.Snapshot(kind, name, environment) is { } snapshot
            ? $"; {why}, but {name} is in this machine's cache of it, so give {snapshot}"
            : name.Contains('/', StringComparison.Ordinal)
                ? $"; {why}, so download it (hf download {name}{(kind == "datasets" ? " --repo-type dataset" : "")} --local-dir FOLDER) "
                    + "and give that folder" : "";

    /// <summary>A folder that holds a model further down: a repository of the hub's cache, or a folder of checkpoints.</summary>
    private static string InFolder(string folder)
    {
        try
        {
            if (LocalHub.SnapshotIn(folder) is { } snapshot)
                return $"; it is a repository of the Hugging Face cache, so give its snapshot {snapshot}";
            var below = Directory.EnumerateDirectories(folder).Where(d => File.Exists(Path.Combine(d, "config.json")))
                .Order(StringComparer.Ordinal).FirstOrDefault();
            return below is null ? "" : $"; there is one in {below}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string AsGiven(string path, string folder)
    {
        var relative = (Path.IsPathRooted(path) ? Path.GetRelativePath(folder, path) : path).Replace('\\', '/');
        if (Path.IsPathRooted(path) && relative.StartsWith("../", StringComparison.Ordinal)) relative = path;
        while (relative.StartsWith("./", StringComparison.Ordinal)) relative = relative[2..];
        return relative.Length == 0 ? "." : relative;
    }

    private static string? Tilde(string given, Func<string, string?> environment) =>
        given == "~" || given.StartsWith("~/", StringComparison.Ordinal) ? LocalHub.Home(environment) + given[1..] : null;

    /// <summary>Null where one of them has no value.</summary>
    private static string? Expanded(string given, Func<string, string?> environment)
    {
        var known = true;
        var whole = Variable().Replace(given, match =>
        {
            var value = environment(match.Groups["name"].Value);
            known &= !string.IsNullOrEmpty(value);
            return value ?? "";
        });
        return known ? whole : null;
    }

    [GeneratedRegex(@"^(?:hf:/+|https?:/+(?:www\.)?(?:huggingface\.co|hf\.co)/)(?<kind>datasets/)?(?<name>[\w.-]+/[\w.-]+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HubAddress();

    [GeneratedRegex("^file:/*(?<path>/.*)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FileAddress();

    [GeneratedRegex("^[a-z][a-z0-9+.-]+:/", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"\$(?:\{(?<name>\w+)\}|(?<name>\w+))|%(?<name>\w+)%")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\.[A-Za-z]+$")]
    private static partial Regex FileName();

    [GeneratedRegex("^(?:models?|data|datasets?|domains?|corpora|corpus|checkpoints?|adapters?|out|output|runs)/",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OwnFolder();

    /// <summary>One or two parts, as the hub allows them.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?$")]
    private static partial Regex HubName();
}
