using System.Globalization;
using LdcLedger.Ledger.Postgres;

namespace LdcLedger.Ledger.Checks;

/// <summary>A folder of ours: it can be written, and has space left.</summary>
public static class FolderCheck
{
    private const long LittleSpace = 2L << 30;

    public static Finding Of(string subject, string folder)
    {
        try
        {
            DataFolder.Create(Path.GetFullPath(folder));
            var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            var free = new DriveInfo(folder).AvailableFreeSpace;
            var says = string.Create(CultureInfo.InvariantCulture, $"{folder}, {free / 1e9:F1} GB free");
            return free >= LittleSpace
                ? Finding.Fine(subject, says) : Finding.ToDo(subject, $"{says}: free some, checkpoints and the ledger need it.");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return Finding.ToDo(subject,
                $"{folder} cannot be written ({cause.Message.TrimEnd('.')}): grant it, "
                + "or set another folder in the environment (LDC_DATA, LDC_ARTIFACTS).");
        }
    }
}
