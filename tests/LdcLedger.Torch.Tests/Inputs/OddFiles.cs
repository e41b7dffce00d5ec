using System.ComponentModel;
using System.Runtime.InteropServices;

namespace LdcLedger.Torch.Tests.Inputs;

/// <summary>Entries of a folder that are no regular files.</summary>
internal static class OddFiles
{
    /// <summary>A pipe that nobody writes to: opening it for reading would wait for ever.</summary>
    public static string Pipe(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return MakePipe(path, Convert.ToUInt32("600", 8)) == 0 ? path : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    public static string Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.CreateSymbolicLink(path, target);
        return path;
    }

#pragma warning disable SYSLIB1054 // one call does not need generated marshalling
    [DllImport("libc", EntryPoint = "mkfifo", SetLastError = true)]
    private static extern int MakePipe([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
#pragma warning restore SYSLIB1054
}
