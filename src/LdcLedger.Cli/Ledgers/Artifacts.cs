using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Worker.Artifacts;

namespace LdcLedger.Cli.Ledgers;

/// <summary>Where this machine keeps adapters and checkpoints.</summary>
internal static class Artifacts
{
    /// <summary><c>LDC_ARTIFACTS</c>, else <c>artifacts</c> in the data folder.</summary>
    public static ArtifactFolder FromEnvironment() => new(
        Environment.GetEnvironmentVariable("LDC_ARTIFACTS") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(DataFolder.FromEnvironment(), "artifacts"));

    /// <summary>The same, for whoever is going to keep something there: better said before the training than after it.</summary>
    /// <exception cref="FailedException">It cannot be written.</exception>
    public static ArtifactFolder Writable()
    {
        var folder = FromEnvironment();
        try
        {
            DataFolder.Create(folder.Path);
            var probe = Path.Combine(folder.Path, $".writable-{Environment.MachineName}-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException && !Fault.IsDiskFull(cause))
        {
            throw new FailedException($"the folder of adapters and checkpoints, {folder.Path}, cannot be written "
                + $"({cause.Message.TrimEnd('.')}): give this user the right to write, or set LDC_ARTIFACTS to another folder.");
        }
        return folder;
    }
}
