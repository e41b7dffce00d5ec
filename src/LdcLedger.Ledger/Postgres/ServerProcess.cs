using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LdcLedger.Ledger.Postgres;

/// <summary>A server's process, as Linux shows it in /proc.</summary>
internal static class ServerProcess
{
    private const int Interrupt = 2;   // SIGINT: PostgreSQL ends its sessions, writes what is left, and goes
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(3);

    /// <summary>Also false of one that has ended and that nobody has asked about yet.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            // 4711 (postgres) S ...
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether any process has its working folder there, as a server and its children have in their cluster.</summary>
    public static bool WorksIn(string folder)
    {
        var real = RealPath(folder);
        return Directory.EnumerateDirectories("/proc").Any(process => LinkTarget($"{process}/cwd") == real);
    }

    public static bool WorksIn(string folder, int process) =>
        LinkTarget(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cwd")) == RealPath(folder);

    /// <summary>Asks it to end its sessions and itself, and waits until it is gone.</summary>
    public static async Task StopAsync(int process, TimeSpan timeout)
    {
        var waited = Stopwatch.StartNew();
        if (Kill(process, Interrupt) == 0)
            while (IsAlive(process) && waited.Elapsed < timeout)
                await Task.Delay(LookInterval);
    }

    private static string? LinkTarget(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string RealPath(string path)
    {
        var real = Resolve(path, 0);
        try
        {
            return Marshal.PtrToStringUTF8(real) ?? path;
        }
        finally
        {
            Free(real);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    [DllImport("libc", EntryPoint = "realpath")]
    private static extern nint Resolve([MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint into);

    [DllImport("libc", EntryPoint = "free")]
    private static extern void Free(nint memory);
}
