namespace LdcLedger.Cli.Terminal;

/// <summary>A folder that results go to; looked at before the work begins, not after it.</summary>
internal static class OutFolder
{
    /// <summary>Its whole path.</summary>
    /// <exception cref="BadInputException">It is named by nothing, as a variable of a shell that is not set does.</exception>
    public static string Named(string path) =>
        path.Length > 0 ? Path.GetFullPath(path) : throw new BadInputException("the name of the folder to write to is empty.");

    /// <exception cref="BadInputException">
    /// It is named by nothing; it, or a folder above it, is a file; or it cannot be written.
    /// </exception>
    public static string At(string path)
    {
        var folder = Named(path);
        for (var above = folder; above is not null; above = Path.GetDirectoryName(above))
            if (File.Exists(above))
                throw new BadInputException($"{above} is a file; "
                    + $"{(above == folder ? "the place to write to" : $"{folder}, the place to write to,")} must be a folder, or be free "
                    + "to become one.");
        var nearest = folder;
        while (!Directory.Exists(nearest) && Path.GetDirectoryName(nearest) is { } above)
            nearest = above;
        var probe = Path.Combine(nearest, $".writable-{Environment.ProcessId}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{(nearest == folder ? folder : $"{folder}, the place to write to, is in {nearest}, which")} "
                + $"cannot be written ({cause.Message.TrimEnd('.')}): name another (--out DIR), or give this user the right to write.");
        }
        return folder;
    }
}
