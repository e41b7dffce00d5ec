using System.Runtime.InteropServices;

namespace LdcLedger.Cli.Terminal;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation: the first asks the verb to stop in good order, the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Ask(c, ExitCodes.Interrupted));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Ask(c, ExitCodes.Terminated));
    }

    public CancellationToken Token => _asked.Token;

    /// <summary>The exit code of a verb that stopped because it was asked to.</summary>
    public int Code { get; private set; } = ExitCodes.Interrupted;

    private void Ask(PosixSignalContext context, int code)
    {
        if (_asked.IsCancellationRequested)
            Environment.Exit(code);
        context.Cancel = true;
        Code = code;
        _asked.Cancel();
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _asked.Dispose();
    }
}
