namespace LdcLedger.Cli.Terminal;

/// <summary>A file that a result goes to; looked at before the work begins, and there whole or not at all.</summary>
internal static class OutFile
{
    /// <exception cref="BadInputException">It is a folder or a device, or its folder is not there.</exception>
    public static void Check(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
            throw new BadInputException($"{path} is a folder; the place to write to must be a file, or free to become one.");
        if (Path.GetDirectoryName(full) is not { } folder || !Directory.Exists(folder))
            throw new BadInputException($"{Path.GetDirectoryName(full)}, the folder of {path}, is not there.");
        // It would be replaced by a file.
        if (File.Exists(full) && File.GetAttributes(full).HasFlag(FileAttributes.Device))
            throw new BadInputException($"{path} is a device; the place to write to must be a file, or free to become one.");
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
