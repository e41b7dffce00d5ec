using System.ComponentModel;
using System.Runtime.InteropServices;

namespace LdcLedger.Ledger.Postgres;

/// <summary>To whom a file belongs, which .NET does not tell: statx(2), whose answer looks the same on every processor.</summary>
internal static class FileOwner
{
    private const int CurrentFolder = -100;
    private const uint UserAndGroup = 0x8 | 0x10;

    /// <exception cref="Win32Exception">There is no such file, or it cannot be asked.</exception>
    public static (uint User, uint Group) Of(string path) =>
        Ask(CurrentFolder, path, 0, UserAndGroup, out var answer) == 0
            ? (answer.User, answer.Group)
            : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int Ask(
        int from, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint wanted, out Answer answer);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Answer
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;
    }
}
