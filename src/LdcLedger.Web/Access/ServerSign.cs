using System.Globalization;

namespace LdcLedger.Web.Access;

/// <summary>
/// Where the dashboard of a data folder is: <c>LDC_DATA/web.url</c>, there while one runs, so that <c>ldc web link</c> knows its address.
/// Of several, the one that started last.
/// </summary>
public sealed class ServerSign : IDisposable
{
    private readonly string _path, _said;

    private ServerSign(string path, string said) => (_path, _said) = (path, said);

    public static ServerSign Give(string dataFolder, Uri url)
    {
        var (path, said) = (PathIn(dataFolder), string.Create(CultureInfo.InvariantCulture, $"{url}\n{Environment.ProcessId}\n"));
        var unfinished = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(unfinished, said);
        File.Move(unfinished, path, overwrite: true);
        return new(path, said);
    }

    /// <summary>Null where none runs; a process that was killed leaves its sign, and is told by its id.</summary>
    public static Uri? Read(string dataFolder)
    {
        var path = PathIn(dataFolder);
        if (!File.Exists(path) || File.ReadAllLines(path) is not [var url, var process, ..])
            return null;
        return int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Directory.Exists($"/proc/{id}")
            ? new(url) : null;
    }

    public void Dispose()
    {
        try
        {
            if (File.ReadAllText(_path) == _said)
                File.Delete(_path);
        }
        catch (IOException)
        {
            // Another has taken its place, or the folder is gone.
        }
    }

    private static string PathIn(string dataFolder) => Path.Combine(dataFolder, "web.url");
}
