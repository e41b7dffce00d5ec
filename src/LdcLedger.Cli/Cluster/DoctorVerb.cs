using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Checks;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Settings;
using LdcLedger.Torch.Devices;

namespace LdcLedger.Cli.Cluster;

/// <summary><c>ldc doctor</c>: one line for each thing that has to work; fine, or what to do.</summary>
internal static class DoctorVerb
{
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("doctor", "Check PostgreSQL, RabbitMQ, libtorch, disk and clock; one line each: fine, or what to do.", Run, Json)
    {
        Examples = ["ldc doctor", "LDC_POSTGRES=... LDC_RABBITMQ=... ldc doctor  # the cluster, as this machine sees it"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        findings.AddRange(await DatabaseChecks.AllAsync(TimeProvider.System, cancellation));
        findings.AddRange(await Broker(cancellation));
        findings.Add(Of("libtorch", DeviceChecks.LoadsLibtorch()));
        findings.Add(Of("CUDA", DeviceChecks.SeesCuda()));
        findings.Add(Of("arithmetic", DeviceChecks.Arithmetic()));
        findings.Add(DataFolderCheck());
        if (Environment.GetEnvironmentVariable("LDC_ARTIFACTS") is { Length: > 0 } artifacts)
            findings.Add(FolderCheck.Of("artifacts", artifacts));

        if (arguments.GetValue(Json))
            Screen.PrintJson(findings);
        else
            foreach (var finding in findings)
                Screen.Print($"{(finding.IsFine ? "fine " : "TO DO")}  {finding.Subject}: {finding.Says}");
        return findings.All(f => f.IsFine) ? ExitCodes.Done : ExitCodes.Failed;
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

    private static async Task<IReadOnlyList<Finding>> Broker(CancellationToken cancellation)
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
