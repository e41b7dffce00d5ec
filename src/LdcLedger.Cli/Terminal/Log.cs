using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LdcLedger.Cli.Terminal;

/// <summary>The log of ledger, bus and worker: on stderr with --verbose, else nowhere.</summary>
internal static class Log
{
    public static ILoggerFactory For(ParseResult arguments) => arguments.GetValue(CommandLine.Verbose)
        ? LoggerFactory.Create(logging => logging
            .AddFilter("Marten", LogLevel.Warning).AddFilter("Npgsql", LogLevel.Warning)
            .AddFilter("LdcLedger.Worker", LogLevel.Debug)   // what broke a run, whole
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSimpleConsole(console => console.SingleLine = true))
        : NullLoggerFactory.Instance;
}
