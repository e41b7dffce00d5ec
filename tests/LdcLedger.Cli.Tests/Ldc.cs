using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>What a call of the command line gave.</summary>
internal sealed record Call(int Code, string Out, string Err)
{
    /// <summary>Stdout as the one JSON document that it must be.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;
}

/// <summary>The command line as a user has it: a process of its own.</summary>
internal static class Ldc
{
    /// <summary>The repository's root, found upwards from the test's own folder.</summary>
    public static string Repository { get; } = RootAbove(AppContext.BaseDirectory);

    // The one in its own project's folder: what is compiled ahead is there.
    private static readonly string Executable = Path.Combine(
        Repository, "src/LdcLedger.Cli",
        Path.GetRelativePath(Path.Combine(Repository, "tests/LdcLedger.Cli.Tests"), AppContext.BaseDirectory), "ldc");

    /// <summary>No call of the tests takes longer; one that does is killed, and its test fails.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static Task<Call> Run(params string[] arguments) => RunIn(Repository, new Dictionary<string, string>(), arguments);

    public static async Task<Call> RunIn(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(folder, environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await ExitAsync(process);
        return new(process.ExitCode, await output, await errors);
    }

    /// <summary>Waits for the process' end; kills it when that takes longer than <see cref="Limit"/>.</summary>
    public static async Task ExitAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public static Process Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The apphost looks for the runtime that this test runs on.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>The first line with this beginning that a process says.</summary>
    public static async Task<string> LineAsync(Process process, string begins)
    {
        var cancellation = TestContext.Current.CancellationToken;
        while (await process.StandardError.ReadLineAsync(cancellation).AsTask().WaitAsync(Limit, cancellation) is { } line)
            if (line.StartsWith(begins, StringComparison.Ordinal))
                return line;
        throw new InvalidOperationException($"The process ended and never said '{begins}...'.");
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string RootAbove(string folder) =>
        File.Exists(Path.Combine(folder, "LdcLedger.sln"))
            ? folder
            : RootAbove(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("LdcLedger.sln is not above the tests"));
}
