namespace LdcLedger.Cli.Terminal;

/// <summary>A folder that results go to; looked at before the work begins, not after it.</summary>
internal static class OutFolder
{
    /// <exception cref="BadInputException">It, or a folder above it, is a file.</exception>
    public static string At(string path)
    {
        var folder = Path.GetFullPath(path);
        for (var above = folder; above is not null; above = Path.GetDirectoryName(above))
            if (File.Exists(above))
                throw new BadInputException($"{above} is a file; "
                    + $"{(above == folder ? "the place to write to" : $"{folder}, the place to write to,")} must be a folder, or be free "
                    + "to become one.");
        return folder;
    }
}
