using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LdcLedger.Torch.Libtorch;

/// <summary>
/// What native code writes to stderr, from now until this is disposed: it goes to memory instead. Of the whole process, but what .NET
/// writes goes where it did. On Linux; elsewhere nothing is heard.
/// </summary>
internal sealed unsafe partial class Overheard : IDisposable
{
    private const int Stderr = 2;

    private static readonly Lock Gate = new();

    private readonly SafeFileHandle? _heard;
    private readonly int _before = -1;

    public Overheard()
    {
        Gate.Enter();
        if (!OperatingSystem.IsLinux()) return;
        _ = Console.Error;                                         // has a file number of its own once it is there
        fixed (byte* name = "stderr"u8)
            if (MemoryFile(name, 0) is >= 0 and var file) _heard = new SafeFileHandle(file, ownsHandle: true);
        if (_heard is not null && (_before = Duplicate(Stderr)) >= 0) _ = Duplicate((int)_heard.DangerousGetHandle(), Stderr);
    }

    /// <summary>So far.</summary>
    public string Text
    {
        get
        {
            if (_heard is null) return "";
            var bytes = new byte[RandomAccess.GetLength(_heard)];
            return System.Text.Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(_heard, bytes, 0));
        }
    }

    public void Dispose()
    {
        if (_before >= 0)
        {
            _ = Duplicate(_before, Stderr);
            _ = Close(_before);
        }
        _heard?.Dispose();
        Gate.Exit();
    }

    [LibraryImport("libc", EntryPoint = "memfd_create")]
    private static partial int MemoryFile(byte* name, uint flags);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int file);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int file, int to);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
