using System.Runtime.InteropServices;

namespace LdcLedger.Worker.Journal;

/// <summary>A file's name is only on disk when its folder is.</summary>
internal static class FolderSync
{
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var handle = open(folder, 0);
        if (handle < 0)
            return;
        _ = fsync(handle);
        _ = close(handle);
    }

#pragma warning disable IDE1006, SYSLIB1054 // C's names; three calls do not need generated marshalling
    [DllImport("libc", SetLastError = true)] private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
    [DllImport("libc", SetLastError = true)] private static extern int fsync(int file);
    [DllImport("libc", SetLastError = true)] private static extern int close(int file);
#pragma warning restore IDE1006, SYSLIB1054
}
