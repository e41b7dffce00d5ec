using System.Runtime.InteropServices;

namespace LdcLedger.Cli.Terminal;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation: the first asks the verb to stop in good order, the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource asked = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    public Interruption()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Ask(c, ExitCodes.Interrupted));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Ask(c, ExitCodes.Terminated));
    }

    public CancellationToken Token => asked.Token;

    /// <summary>The exit code of a verb that stopped because it was asked to.</summary>
    public int Code { get; private set; } = ExitCodes.Interrupted;

    private void Ask(PosixSignalContext context, int code)
    {
        if (asked.IsCancellationRequested)
            Environment.Exit(code);
        context.Cancel = true;
        Code = code;
        asked.Cancel();
    }

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        asked.Dispose();
    }
}
