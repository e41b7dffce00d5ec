using LdcLedger.Cluster.Tests.Deployment;
using Xunit;

namespace LdcLedger.Cluster.Tests.Servers;

/// <summary>The built <c>ldc</c>, as a process of its own.</summary>
internal static class Ldc
{
    public static readonly string Program = Path.Combine(
        Repository.Root, "src/LdcLedger.Cli",
        AppContext.BaseDirectory[AppContext.BaseDirectory.IndexOf("bin/", Repository.Root.Length, StringComparison.Ordinal)..], "ldc");

    public static ServerProcess Start(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        ServerProcess.Start(Program, arguments, environment);

    /// <summary>Runs it to its end; the exit code and everything it printed.</summary>
    public static async Task<(int Code, string Output)> Run(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        await using var ldc = Start(environment, arguments);
        return (await ldc.Exit(TimeSpan.FromMinutes(2)), ldc.Output);
    }

    /// <summary>Runs it to its end, which has to be a good one; what it printed.</summary>
    public static async Task<string> Done(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var (code, output) = await Run(environment, arguments);
        Assert.True(code == 0, $"ldc {string.Join(' ', arguments)} ended with code {code}: {output}");
        return output;
    }
}
