namespace LdcLedger.Cli.Tests;

/// <summary>What /proc says of processes; nothing of those that are gone or somebody else's.</summary>
internal static class Linux
{
    public static IReadOnlyList<int> Processes() =>
        [.. Directory.GetDirectories("/proc").Select(d => int.TryParse(Path.GetFileName(d), out var id) ? id : 0).Where(id => id > 0)];

    /// <param name="what">cmdline, environ, ...</param>
    public static string Read(int process, string what)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{what}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public static bool WorksBelow(int process, string folder)
    {
        try
        {
            return new FileInfo($"/proc/{process}/cwd").LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
