using System.CommandLine;
using LdcLedger.Cli.Terminal;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace LdcLedger.Cli.Cluster;

/// <summary>
/// The log of a role that runs for weeks: on stderr, one event a line, with its time. <c>Logging__Console__FormatterName=json</c> makes the
/// lines JSON, <c>Logging__LogLevel__Default=Debug</c> makes them many: .NET's usual variables.
/// </summary>
internal static class ClusterLog
{
    public static ILoggerFactory For(ParseResult arguments)
    {
        var settings = new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection("Logging");
        var isVerbose = arguments.GetValue(CommandLine.Verbose);
        return LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Information)
            // A conflict of two appends is the ledger at work, and a broker that is away is said once by us.
            .AddFilter("Marten", LogLevel.Critical).AddFilter("Npgsql", LogLevel.Critical).AddFilter("JasperFx", LogLevel.Critical)
            .AddFilter("MassTransit", isVerbose ? LogLevel.Information : LogLevel.Warning)
            .AddFilter("Microsoft", isVerbose ? LogLevel.Information : LogLevel.Warning)
            .AddFilter("LdcLedger.Worker", isVerbose ? LogLevel.Debug : LogLevel.Information)   // what broke a run, whole
            .AddConfiguration(settings)
            .AddConsole(console =>
            {
                console.LogToStandardErrorThreshold = LogLevel.Trace;
                console.FormatterName ??= ConsoleFormatterNames.Simple;
            })
            .Services
            .Configure<SimpleConsoleFormatterOptions>(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            })
            .Configure<JsonConsoleFormatterOptions>(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "O";
            }));
    }
}
