using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Checks;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Settings;
using LdcLedger.Torch.Devices;

namespace LdcLedger.Web.Health;

/// <summary>Everything that has to work on this machine: fine, or what to do. No finding has a password in it.</summary>
public static class Doctor
{
    public static async Task<IReadOnlyList<Finding>> AllAsync(CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        findings.AddRange(await DatabaseChecks.AllAsync(TimeProvider.System, cancellation));
        findings.AddRange(await BrokerAsync(cancellation));
        findings.Add(Of("libtorch", DeviceChecks.LoadsLibtorch()));
        findings.Add(Of("CUDA", DeviceChecks.SeesCuda()));
        findings.Add(Of("arithmetic", DeviceChecks.Arithmetic()));
        findings.Add(DataFolderCheck());
        if (Environment.GetEnvironmentVariable("LDC_ARTIFACTS") is { Length: > 0 } artifacts)
            findings.Add(FolderCheck.Of("artifacts", artifacts));
        return findings;
    }

    private static Finding DataFolderCheck()
    {
        const string subject = "data folder";
        try
        {
            return FolderCheck.Of(subject, DataFolder.FromEnvironment());
        }
        catch (Exception cause) when (cause is LedgerUnavailable or SettingRefused)
        {
            return Finding.ToDo(subject, cause.Message);
        }
    }

    private static Finding Of(string subject, (bool IsFine, string Says) check) => new(subject, check.IsFine, check.Says);

    private static async Task<IReadOnlyList<Finding>> BrokerAsync(CancellationToken cancellation)
    {
        try
        {
            return await BrokerChecks.AllAsync(BrokerAddress.FromEnvironment(), cancellation);
        }
        catch (SettingRefused refused)
        {
            return [Finding.ToDo("RabbitMQ", refused.Message)];
        }
    }
}
