using System.Runtime.InteropServices;
using System.Text;

namespace LdcLedger.Ledger.Postgres;

/// <summary>The folder of a private server's Unix socket: the cluster itself, or a temporary one where its path will not do.</summary>
internal static class SocketFolder
{
    private const int LongestPath = 100;   // bytes, with the socket's name; the kernel allows 107
    private static readonly int NameLength = "/.s.PGSQL.5432".Length;

    /// <summary>Short enough for a socket, and of characters that mean nothing in PostgreSQL's settings.</summary>
    public static bool Suits(string folder) =>
        Encoding.UTF8.GetByteCount(folder) + NameLength <= LongestPath
            && folder.All(c => char.IsLetterOrDigit(c) || " /.-_+=@%~()[]{}!&;".Contains(c));

    /// <summary>A new one, of mode 0700: for temporary files, or where all may write, whatever TMPDIR says.</summary>
    /// <exception cref="LedgerUnavailable">There is no place for it.</exception>
    public static string Create()
    {
        foreach (var place in (string[])[Path.GetTempPath(), "/tmp", "/var/tmp", "/dev/shm"])
            if (Suits(Path.Combine(place, "ldc-XXXXXX")) && Make(Path.Combine(place, "ldc-XXXXXX")) is { } made)
                return made;
        throw new LedgerUnavailable(
            "There is no folder for the private PostgreSQL's socket: set LDC_DATA to a folder of a short path without special characters.");
    }

    private static string? Make(string template)
    {
        var path = Encoding.UTF8.GetBytes(template + '\0');
        return MakeTemporary(path) == 0 ? null : Encoding.UTF8.GetString(path).TrimEnd('\0');
    }

    [DllImport("libc", EntryPoint = "mkdtemp")]
    private static extern nint MakeTemporary([In, Out] byte[] template);
}
