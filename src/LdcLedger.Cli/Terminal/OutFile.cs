namespace LdcLedger.Cli.Terminal;

/// <summary>A file that a result goes to; looked at before the work begins, and there whole or not at all.</summary>
internal static class OutFile
{
    /// <param name="path">Null: none is wanted.</param>
    /// <exception cref="BadInputException">It is a folder, or its folder is not there.</exception>
    public static string? At(string? path)
    {
        if (path is null)
            return null;
        var file = Path.GetFullPath(path);
        if (Directory.Exists(file))
            throw new BadInputException($"{file} is a folder; the place to write to must be a file, or be free to become one.");
        return Directory.Exists(Path.GetDirectoryName(file)) ? file
            : throw new BadInputException($"{Path.GetDirectoryName(file)}, the folder of the file to write, is not there.");
    }

    public static void Write(string file, byte[] content) => WholeFile.Write(file, content);
}
