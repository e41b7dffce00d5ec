using System.Globalization;
using System.Runtime.InteropServices;

namespace LdcLedger.Ledger.Postgres;

/// <summary>
/// Files that this process was given open by whoever started it, a lock of a shell script's, for instance. A server that outlives the
/// process must not keep them: the lock would last as long as it does.
/// </summary>
internal static class InheritedFiles
{
    private const int SetFlags = 2, CloseOnExec = 1;

    /// <summary>From now on none of them goes to a process that this one starts. Input, output and errors are arranged otherwise.</summary>
    public static void StayHere()
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var file) && file > 2)
                _ = Control(file, SetFlags, CloseOnExec);
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    private static extern int Control(int file, int operation, int flags);
}
