using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Web.Health;

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
        var findings = await Doctor.AllAsync(cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(findings);
        else
            foreach (var finding in findings)
                Screen.Print($"{(finding.IsFine ? "fine " : "TO DO")}  {finding.Subject}: {finding.Says}");
        return findings.All(f => f.IsFine) ? ExitCodes.Done : ExitCodes.Failed;
    }
}
