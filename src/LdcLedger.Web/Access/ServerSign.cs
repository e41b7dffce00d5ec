using System.Globalization;

namespace LdcLedger.Web.Access;

/// <summary>
/// Where the dashboards of a data folder are: <c>LDC_DATA/web.url</c>, address and process of each that runs, so that <c>ldc web link</c>
/// knows them. The one that started last comes first.
/// </summary>
public sealed class ServerSign : IDisposable
{
    private readonly string _folder;

    private ServerSign(string folder) => _folder = folder;

    public static ServerSign Give(string dataFolder, Uri url)
    {
        Write(dataFolder, [(url.ToString(), Environment.ProcessId), .. OthersIn(dataFolder)]);
        return new(dataFolder);
    }

    /// <summary>Null where none runs; a process that was killed leaves its sign, and is told by its id.</summary>
    public static Uri? Read(string dataFolder) => RunningIn(dataFolder) is [var first, ..] ? new(first.Url) : null;

    public void Dispose()
    {
        try
        {
            Write(_folder, OthersIn(_folder));
        }
        catch (IOException)
        {
            // The folder is gone, and its sign with it.
        }
    }

    private static IReadOnlyList<(string Url, int Process)> OthersIn(string dataFolder) =>
        [.. RunningIn(dataFolder).Where(sign => sign.Process != Environment.ProcessId)];

    private static IReadOnlyList<(string Url, int Process)> RunningIn(string dataFolder) =>
        !File.Exists(PathIn(dataFolder)) ? []
        : [.. File.ReadAllLines(PathIn(dataFolder)).Chunk(2).Select(lines => lines is [var url, var process]
                && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? (url, id) : ("", 0))
            .Where(sign => sign.Item2 > 0 && Directory.Exists($"/proc/{sign.Item2}"))];

    private static void Write(string dataFolder, IReadOnlyList<(string Url, int Process)> signs)
    {
        var path = PathIn(dataFolder);
        if (signs.Count == 0)
        {
            File.Delete(path);
            return;
        }
        var unfinished = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(unfinished, string.Concat(signs.Select(sign => string.Create(CultureInfo.InvariantCulture,
            $"{sign.Url}\n{sign.Process}\n"))));
        File.Move(unfinished, path, overwrite: true);
    }

    private static string PathIn(string dataFolder) => Path.Combine(dataFolder, "web.url");
}
