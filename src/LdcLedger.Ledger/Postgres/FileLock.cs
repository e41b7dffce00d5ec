using System.Runtime.InteropServices;

namespace LdcLedger.Ledger.Postgres;

/// <summary>
/// An advisory lock on a file, flock(2). The kernel lets go of it when the process ends, however it ends, so a killed process
/// leaves nothing behind. It belongs to the open file: two in one process exclude each other as well.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const int Shared = 1, Exclusive = 2, NonBlocking = 4, Release = 8;
    private const int ReadWrite = 2, Create = 0x40, CloseOnExec = 0x80000;   // Linux; without CloseOnExec the server would inherit the lock

    private int _file;

    private FileLock(int file) => _file = file;

    public static FileLock Open(string path)
    {
        var file = OpenFile(path, ReadWrite | Create | CloseOnExec, Convert.ToInt32("644", 8));
        return file >= 0
            ? new(file)
            : throw new LedgerUnavailable($"The lock file {path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    public bool TryShare() => Flock(_file, Shared | NonBlocking) == 0;

    public bool TryExclude() => Flock(_file, Exclusive | NonBlocking) == 0;

    /// <summary>Waits until nobody else has the lock.</summary>
    public async Task ExcludeAsync(CancellationToken cancellation)
    {
        while (!TryExclude())
            await Task.Delay(20, cancellation);
    }

    public void LetGo() => Flock(_file, Release);

    public void Dispose()
    {
        if (_file < 0)
            return;
        CloseFile(_file);
        _file = -1;
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int Flock(int file, int operation);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int CloseFile(int file);
}
