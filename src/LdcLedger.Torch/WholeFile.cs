using System.Runtime.InteropServices;

namespace LdcLedger;

/// <summary>
/// Files that are there whole or not at all, also after a power cut: written under a temporary name, synced, renamed, and the folder
/// synced, since a file's name is only on disk when its folder is. Reports compile this file as well, for nothing of ours is below both.
/// </summary>
internal static class WholeFile
{
    /// <summary>Replaces the file at <paramref name="path"/>, if there is one, by what <paramref name="write"/> writes.</summary>
    /// <exception cref="IOException">Its folder is not there, or nothing more can be written; then nothing has changed.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        var unfinished = Unfinished(path);
        try
        {
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            Finish(unfinished, path);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, file => file.Write(content.Span));

    /// <summary>
    /// A temporary name beside <paramref name="path"/>. Several machines may share the folder, and in containers their processes have the
    /// same ids: only chance tells them apart.
    /// </summary>
    public static string Unfinished(string path) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".unfinished-{Path.GetRandomFileName()}");

    /// <summary>Gives a file that is written and synced its name.</summary>
    public static void Finish(string unfinished, string path)
    {
        File.Move(unfinished, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Gives a folder that is written its name; its files are synced first.</summary>
    public static void FinishFolder(string unfinished, string path)
    {
        foreach (var file in Directory.EnumerateFiles(unfinished))
            using (var written = new FileStream(file, FileMode.Open, FileAccess.ReadWrite))
                written.Flush(flushToDisk: true);
        SyncFolder(unfinished);
        Directory.Move(unfinished, path);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Brings the names in a folder to disk.</summary>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var handle = OpenFolder(folder, 0);
        if (handle < 0)
            return;
        _ = Sync(handle);
        _ = CloseFolder(handle);
    }

#pragma warning disable SYSLIB1054 // three calls do not need generated marshalling
    [DllImport("libc", EntryPoint = "open")]
    private static extern int OpenFolder([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Sync(int file);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int CloseFolder(int file);
#pragma warning restore SYSLIB1054
}
