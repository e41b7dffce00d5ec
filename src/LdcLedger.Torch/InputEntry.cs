using System.Runtime.InteropServices;

namespace LdcLedger.Torch;

/// <summary>What a path leads to, links followed.</summary>
public enum EntryKind
{
    /// <summary>Nothing has this name.</summary>
    Missing,

    /// <summary>A regular file: the only kind that is ever opened.</summary>
    File,

    Folder,

    /// <summary>A named pipe, or a shell's <c>&lt;(command)</c>: opening it may wait for ever.</summary>
    Pipe,

    Socket,

    /// <summary>A terminal, a disk, /dev/null, ...</summary>
    Device,

    /// <summary>A link whose target is not there.</summary>
    BrokenLink,

    /// <summary>Links that lead in a circle.</summary>
    LinkLoop,

    /// <summary>Something on the way to it may not be passed, or the system cannot tell.</summary>
    OutOfReach,
}

/// <summary>
/// What is at a path, told without opening it: so that looking never waits on a pipe and never wakes a device. Of a link it is what the
/// link leads to.
/// </summary>
/// <param name="Path">As it was given.</param>
/// <param name="Length">Bytes of a regular file, of its target where it is a link; else 0.</param>
/// <param name="IsLink">Whether the path itself is a symbolic link.</param>
public sealed record InputEntry(string Path, EntryKind Kind, long Length, bool IsLink)
{
    private const int NoSuchEntry = 2, NotPermitted = 1, NotAFolder = 20, NameTooLong = 36, NotImplemented = 38, TooManyLinks = 40;

    /// <summary>Whether anything has this name, usable or not.</summary>
    public bool IsThere => Kind != EntryKind.Missing;

    public static InputEntry At(string path)
    {
        // A path that no system can have; the functions below would refuse it as a fault of the caller's.
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            return new(path, EntryKind.Missing, 0, IsLink: false);
        return OperatingSystem.IsLinux() && ByStatx(path) is { } found ? found : ByAttributes(path);
    }

    /// <summary>Why it is not a regular file, as the end of a sentence that begins with its path; null where it is one.</summary>
    public string? Objection => Kind switch
    {
        EntryKind.File => null,
        EntryKind.Missing => "is not there",
        EntryKind.Folder => "is a folder, not a file",
        EntryKind.Pipe => "is a pipe; only regular files are read, so write its content to a file first",
        EntryKind.Socket => "is a socket; only regular files are read",
        EntryKind.Device => "is a device; only regular files are read",
        EntryKind.BrokenLink => $"is a link to \"{TargetOf(Path)}\", which is not there",
        EntryKind.LinkLoop => "is a link that leads back to itself",
        EntryKind.OutOfReach => "cannot be reached: a folder on the way to it may not be entered by this user",
        _ => throw new InvalidOperationException($"An entry of the kind {Kind} has no words."),
    };

    /// <summary>Null where the system cannot answer this way.</summary>
    private static InputEntry? ByStatx(string path)
    {
        Span<byte> status = stackalloc byte[256];
        try
        {
            var error = Statx(path, followLinks: true, status);
            var (mode, length) = (ModeIn(status), MemoryMarshal.Read<long>(status[40..]));
            var ofItself = Statx(path, followLinks: false, status);
            var isLink = ofItself == 0 && KindBits(ModeIn(status)) == 0xA000;
            return error switch
            {
                0 => KindBits(mode) switch
                {
                    0x8000 => new(path, EntryKind.File, length, isLink),
                    0x4000 => new(path, EntryKind.Folder, 0, isLink),
                    0x1000 => new(path, EntryKind.Pipe, 0, isLink),
                    0xC000 => new(path, EntryKind.Socket, 0, isLink),
                    0x2000 or 0x6000 => new(path, EntryKind.Device, 0, isLink),
                    _ => new(path, EntryKind.OutOfReach, 0, isLink),
                },
                NoSuchEntry or NotAFolder => new(path, isLink ? EntryKind.BrokenLink : EntryKind.Missing, 0, isLink),
                NameTooLong => new(path, EntryKind.Missing, 0, isLink),
                TooManyLinks => new(path, EntryKind.LinkLoop, 0, isLink),
                NotPermitted or NotImplemented => null,   // a sandbox or a kernel from before 2017
                _ => new(path, EntryKind.OutOfReach, 0, isLink),
            };
        }
        catch (EntryPointNotFoundException)
        {
            return null;   // a C library from before 2018
        }
    }

    private static int ModeIn(ReadOnlySpan<byte> status) => MemoryMarshal.Read<ushort>(status[28..]);

    private static int KindBits(int mode) => mode & 0xF000;

    /// <summary>What .NET offers everywhere; it does not tell pipes from files.</summary>
    private static InputEntry ByAttributes(string path)
    {
        try
        {
            var entry = new FileInfo(path);
            var isLink = entry.LinkTarget is not null;
            if (isLink && File.ResolveLinkTarget(path, returnFinalTarget: true) is not { Exists: true })
                return new(path, EntryKind.BrokenLink, 0, isLink);
            if (Directory.Exists(path))
                return new(path, EntryKind.Folder, 0, isLink);
            if (!File.Exists(path))
                return new(path, EntryKind.Missing, 0, isLink);
            var target = isLink ? new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName) : entry;
            return target.Attributes.HasFlag(FileAttributes.Device)
                ? new(path, EntryKind.Device, 0, isLink) : new(path, EntryKind.File, target.Length, isLink);
        }
        catch (UnauthorizedAccessException)
        {
            return new(path, EntryKind.OutOfReach, 0, IsLink: false);
        }
        catch (IOException)
        {
            return new(path, EntryKind.LinkLoop, 0, IsLink: true);   // all that resolving a link complains of
        }
    }

    private static string TargetOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>
    /// The kernel's statx: its structure is the same on every architecture (mode at byte 28, size at 40), which that of stat is not.
    /// </summary>
    /// <returns>0, or the error's number.</returns>
    private static int Statx(string path, bool followLinks, Span<byte> status)
    {
        const int here = -100, noFollow = 0x100, noAutomount = 0x800, typeModeAndSize = 0x203;
        return Statx(here, path, (followLinks ? 0 : noFollow) | noAutomount, typeModeAndSize, ref MemoryMarshal.GetReference(status)) == 0
            ? 0 : Marshal.GetLastPInvokeError();
    }

#pragma warning disable SYSLIB1054 // one call does not need generated marshalling
    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int Statx(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint wanted, ref byte status);
#pragma warning restore SYSLIB1054
}
