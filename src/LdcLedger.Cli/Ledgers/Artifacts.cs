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
}
