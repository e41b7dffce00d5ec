namespace LdcLedger.Torch;

/// <summary>Where files lie that are gone again when the work is done.</summary>
public static class ScratchFolder
{
    /// <summary>An empty one, for its caller alone, who removes it.</summary>
    /// <exception cref="InvalidInputException">The place of temporary files is not there, or cannot be written.</exception>
    public static string New(string prefix)
    {
        try
        {
            return Directory.CreateTempSubdirectory(prefix).FullName;
        }
        catch (Exception refused) when (refused is IOException { HResult: not 28 } or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{Path.GetTempPath()} is the folder of temporary files, and nothing can be made in it: "
                + "TMPDIR names another.", refused);
        }
    }
}
