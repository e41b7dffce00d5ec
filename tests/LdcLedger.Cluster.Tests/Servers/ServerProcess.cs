using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace LdcLedger.Cluster.Tests.Servers;

/// <summary>A child process of the tests: what it printed is kept, it can be sent signals, and it does not outlive its disposal.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly List<(string Text, TaskCompletionSource<string> Seen)> _awaited = [];

    private ServerProcess(Process process) => _process = process;

    public int Id => _process.Id;
    public bool HasExited => _process.HasExited;

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public static ServerProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "/",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        var server = new ServerProcess(new Process { StartInfo = start });
        server._process.OutputDataReceived += (_, line) => server.Keep(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        server._process.Start();
        server._process.StandardInput.Close();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Runs a program to its end and gives what it printed; fails the test when it ends with another code than 0.</summary>
    public static async Task<string> Run(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        await using var run = Start(program, arguments, environment);
        var code = await run.Exit(TimeSpan.FromMinutes(1));
        Assert.True(code == 0, $"{program} ended with code {code}: {run.Output}");
        return run.Output;
    }

    /// <summary>Waits until a line holds <paramref name="text"/>, and gives that line; also when it was printed before.</summary>
    public async Task<string> Says(string text, TimeSpan? within = null)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            var before = _output.ToString().Split('\n').FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal));
            if (before is not null)
                return before;
            _awaited.Add((text, seen));
        }
        var limit = within ?? TimeSpan.FromSeconds(60);
        var exited = _process.WaitForExitAsync();
        var first = await Task.WhenAny(seen.Task, exited, Task.Delay(limit));
        if (first == exited && !seen.Task.IsCompleted)
            await Task.WhenAny(seen.Task, Task.Delay(TimeSpan.FromSeconds(1)));   // its last lines may still be on their way
        Assert.True(
            seen.Task.IsCompleted,
            $"{_process.StartInfo.FileName} did not say '{text}' within {limit}{(HasExited ? " and ended" : "")}. It said:\n{Output}");
        return await seen.Task;
    }

    public async Task<int> Exit(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{_process.StartInfo.FileName} did not end within {within}. It said:\n{Output}");
        }
        return _process.ExitCode;
    }

    /// <summary>SIGTERM: a polite request to end.</summary>
    public void Terminate() => Signal(15);

    /// <summary>SIGINT, as Ctrl-C sends it.</summary>
    public void Interrupt() => Signal(2);

    /// <summary>SIGQUIT.</summary>
    public void Quit() => Signal(3);

    /// <summary>SIGSTOP: the process stands still as a whole, its connections stay open.</summary>
    public void Freeze() => Signal(19);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal(18);

    /// <summary>SIGKILL, and wait until it is gone.</summary>
    public async Task Kill()
    {
        Signal(9);
        await Exit(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.Append(line).Append('\n');
            foreach (var (_, seen) in _awaited.Where(a => line.Contains(a.Text, StringComparison.Ordinal)))
                seen.TrySetResult(line);
        }
    }

    private void Signal(int number)
    {
        if (!HasExited)
            _ = Kill(Id, number);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    /// <summary>A TCP port of the loopback that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until something listens on the port.</summary>
    public async Task Listens(int port, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        while (true)
        {
            Assert.False(HasExited, $"{_process.StartInfo.FileName} ended with code {(HasExited ? _process.ExitCode : 0)}:\n{Output}");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100, limit.Token);
            }
        }
    }
}
