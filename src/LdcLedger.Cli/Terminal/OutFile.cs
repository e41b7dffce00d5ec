using LdcLedger.Torch;

namespace LdcLedger.Cli.Terminal;

/// <summary>A file that a result goes to; looked at before the work begins, and there whole or not at all.</summary>
internal static class OutFile
{
    /// <param name="path">Null: none is wanted.</param>
    /// <exception cref="BadInputException">As <see cref="Check"/>.</exception>
    public static string? At(string? path)
    {
        if (path is null)
            return null;
        Check(path);
        return Path.GetFullPath(path);
    }

    public static void Write(string file, byte[] content) => WholeFile.Write(file, content);

    /// <exception cref="BadInputException">
    /// It is a folder, a device or a pipe, which a file must not take the place of; or its folder is not there.
    /// </exception>
    public static void Check(string path)
    {
        if (path.Length == 0)
            throw new BadInputException("the name of the file to write is empty.");
        var full = Path.GetFullPath(path);
        var what = InputEntry.At(full).Kind switch
        {
            EntryKind.Missing or EntryKind.File => null,
            EntryKind.Folder => "a folder",
            EntryKind.Pipe => "a pipe",
            EntryKind.Socket => "a socket",
            EntryKind.Device => "a device",
            EntryKind.BrokenLink or EntryKind.LinkLoop => "a link that leads nowhere",
            EntryKind.OutOfReach => "out of reach",
        };
        if (what is not null)
            throw new BadInputException($"{path} is {what}; the place to write to must be a file, or free to become one (- is stdout).");
        if (Path.GetDirectoryName(full) is not { } folder || !Directory.Exists(folder))
            throw new BadInputException($"{Path.GetDirectoryName(full)}, the folder of {path}, is not there.");
    }

    /// <summary>Replaces the file, if there is one, by what <paramref name="write"/> writes.</summary>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        var unfinished = WholeFile.Unfinished(path);
        try
        {
            await using (var file = new FileStream(
                unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20, FileOptions.Asynchronous))
            {
                await write(file);
                file.Flush(flushToDisk: true);
            }
            WholeFile.Finish(unfinished, path);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
