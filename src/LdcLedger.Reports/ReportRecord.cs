using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports;

/// <summary>
/// What a folder of reports holds, in a file of its own: so that a report that is built anew takes away the files of the one before that
/// it does not have, and old numbers do not get into a paper. A file that somebody changed since is theirs.
/// </summary>
internal sealed class ReportRecord
{
    public const string FileName = ".ldc-report.json";

    private const string Format = "ldcledger-report-files/1";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true,
    };

    private readonly string _folder;
    private readonly IReadOnlyList<Entry> _before;

    private ReportRecord(string folder, IReadOnlyList<Entry> before) => (_folder, _before) = (folder, before);

    /// <summary>Of a folder that has none, or one that cannot be read, nothing is known.</summary>
    public static ReportRecord In(string folder)
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(Path.Combine(folder, FileName)), Json);
            return new(folder, stored?.Format == Format ? [.. stored.Files.Where(file => IsBelow(folder, file.Path))] : []);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return new(folder, []);
        }
    }

    /// <summary>Notes files that are about to take their places, beside what is there.</summary>
    /// <param name="staged">The folder that they are in until then.</param>
    /// <param name="files">Paths below it.</param>
    public void Announce(ReportOrigin origin, string staged, IReadOnlyList<string> files) =>
        Write([.. _before, .. files.Select(path => new Entry(path, HashOf(Path.Combine(staged, path)), NameOf(origin)))]);

    /// <summary>Removes what another report left, and notes what is there now.</summary>
    /// <param name="written">Paths below the folder, of this report.</param>
    /// <returns>What was removed, and what was left because it was changed.</returns>
    public (IReadOnlyList<string> Removed, IReadOnlyList<string> Changed) Renew(ReportOrigin origin, IReadOnlyList<string> written)
    {
        var of = NameOf(origin);
        // A build that was cut short may have left a file of either report under one name.
        var others = _before.Where(file => !written.Contains(file.Path) && File.Exists(Full(file.Path))).ToLookup(file => file.Path);
        var there = others.Select(known => (Path: known.Key, Of: known.FirstOrDefault(file => file.Sha256 == HashOf(Full(file.Path)))?.Of))
            .ToList();
        var changed = there.Where(file => file.Of is null && others[file.Path].All(entry => entry.Of != of)).Select(file => file.Path)
            .ToList();
        var removed = there.Where(file => file.Of is { } it && it != of).Select(file => file.Path).ToList();
        foreach (var path in removed)
            Remove(path);
        Write([.. others.SelectMany(known => known).Where(file => file.Of == of),
            .. written.Select(path => new Entry(path, HashOf(Full(path)), of))]);
        return (removed, changed);
    }

    private static string NameOf(ReportOrigin origin) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin.Text(""))));

    private void Write(IReadOnlyList<Entry> files)
    {
        var ordered = files.OrderBy(file => file.Path, StringComparer.Ordinal).ThenBy(file => file.Of, StringComparer.Ordinal);
        ReportFiles.Write(_folder, FileName, JsonSerializer.SerializeToUtf8Bytes(new Stored(Format, [.. ordered]), Json));
    }

    private void Remove(string path)
    {
        File.Delete(Full(path));
        for (var parent = Path.GetDirectoryName(path); !string.IsNullOrEmpty(parent); parent = Path.GetDirectoryName(parent))
            if (Directory.EnumerateFileSystemEntries(Full(parent)).Any())
                return;
            else
                Directory.Delete(Full(parent));
    }

    private string Full(string path) => Path.Combine(_folder, path);

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static bool IsBelow(string folder, string path) =>
        !Path.IsPathRooted(path) && !path.Split('/', '\\').Contains("..")
            && Path.GetFullPath(path, Path.GetFullPath(folder)) != Path.GetFullPath(folder);

    /// <param name="Of">SHA-256 of what its report was built of.</param>
    private sealed record Entry(string Path, string Sha256, string Of);

    private sealed record Stored(string Format, IReadOnlyList<Entry> Files);
}
