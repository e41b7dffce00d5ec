using LdcLedger.Ledger.Settings;

namespace LdcLedger.Ledger.Postgres;

/// <summary>Where one machine keeps its ledger and artifacts.</summary>
public static class DataFolder
{
    private const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersPass =
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>
    /// <c>LDC_DATA</c>; else, as root, <c>/var/lib/ldcledger</c>, which the user <c>postgres</c> can reach; else <c>ldcledger</c> in the
    /// user's data home.
    /// </summary>
    /// <exception cref="SettingRefused"><c>LDC_DATA</c> was meant for a shell.</exception>
    /// <exception cref="LedgerUnavailable">There is no such folder for this user.</exception>
    public static string FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("LDC_DATA") is { Length: > 0 } chosen)
            return chosen[0] is '~' or '$'
                ? throw new SettingRefused($"LDC_DATA is '{chosen}', and only a shell knows what that stands for: write the whole path.")
                : Path.GetFullPath(chosen);
        if (Environment.IsPrivilegedProcess)
            return "/var/lib/ldcledger";
        var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return home.Length > 0
            ? Path.Combine(home, "ldcledger")
            : throw new LedgerUnavailable("This user has no home folder to keep the ledger in: set LDC_DATA to a folder.");
    }

    /// <summary>Creates the folder where it is missing and proves that it can be written.</summary>
    internal static void Prepare(string folder)
    {
        try
        {
            Create(folder);
            var probe = Path.Combine(folder, $".writable-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailable(
                $"The data folder {folder} cannot be written ({cause.Message.TrimEnd('.')}): "
                + "make room or give this user the right to write, or set LDC_DATA to another folder.", cause);
        }
    }

    /// <summary>The folder and what is missing above it.</summary>
    public static void Create(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (Path.GetDirectoryName(folder) is { } above)
            Create(above);
        // As root the folder must let the user postgres through; otherwise it is nobody else's business. Said twice, because the process'
        // umask is taken off the first.
        var mode = Environment.IsPrivilegedProcess ? Ours | OthersPass : Ours;
        Directory.CreateDirectory(folder, mode);
        File.SetUnixFileMode(folder, mode);
    }
}
