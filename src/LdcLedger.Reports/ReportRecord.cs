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

    /// <summary>Removes what another report left, and notes what is there now.</summary>
    /// <param name="written">Paths below the folder, of this report.</param>
    /// <returns>What was removed, and what was left because it was changed.</returns>
    public (IReadOnlyList<string> Removed, IReadOnlyList<string> Changed) Renew(ReportOrigin origin, IReadOnlyList<string> written)
    {
        var of = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin.Text(""))));
        var kept = _before.Where(file => file.Of == of && !written.Contains(file.Path));
        var stale = _before.Where(file => file.Of != of && !written.Contains(file.Path) && File.Exists(Full(file.Path))).ToList();
        var changed = stale.Where(file => HashOf(file.Path) != file.Sha256).Select(file => file.Path).ToList();
        var removed = stale.Select(file => file.Path).Except(changed).ToList();
        foreach (var path in removed)
            Remove(path);
        IEnumerable<Entry> now = [.. kept, .. written.Select(path => new Entry(path, HashOf(path), of))];
        ReportFiles.Write(_folder, FileName, JsonSerializer.SerializeToUtf8Bytes(
            new Stored(Format, [.. now.OrderBy(file => file.Path, StringComparer.Ordinal)]), Json));
        return (removed, changed);
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

    private string HashOf(string path)
    {
        using var file = File.OpenRead(Full(path));
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static bool IsBelow(string folder, string path) =>
        !Path.IsPathRooted(path) && !path.Split('/', '\\').Contains("..")
            && Path.GetFullPath(path, Path.GetFullPath(folder)) != Path.GetFullPath(folder);

    /// <param name="Of">SHA-256 of what its report was built of.</param>
    private sealed record Entry(string Path, string Sha256, string Of);

    private sealed record Stored(string Format, IReadOnlyList<Entry> Files);
}
