using System.Security.Cryptography;

namespace LdcLedger.Worker.Artifacts;

/// <summary>
/// A content-addressed folder: every file is named by the SHA-256 of its bytes (lower-case hexadecimal). A file is whole or not there:
/// it is written under another name, synced to disk, and renamed.
/// </summary>
public sealed class ArtifactFolder(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Where the file of this hash is, or would be.</summary>
    public string PathOf(string sha256) => System.IO.Path.Combine(Path, sha256);

    public bool Contains(string sha256) => File.Exists(PathOf(sha256));

    /// <summary>Keeps the bytes; the result is their name. Returns when they are on disk.</summary>
    public string Put(ReadOnlyMemory<byte> bytes)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        if (Contains(name))
            return name;
        Directory.CreateDirectory(Path);
        WholeFile.Write(PathOf(name), bytes);
        return name;
    }

    /// <summary>
    /// Keeps what <paramref name="write"/> writes to the path it is given and syncs to disk; it returns the SHA-256 of that, which is the
    /// name.
    /// </summary>
    public string Put(Func<string, string> write)
    {
        Directory.CreateDirectory(Path);
        var unfinished = WholeFile.Unfinished(PathOf("new"));
        try
        {
            var name = write(unfinished);
            WholeFile.Finish(unfinished, PathOf(name));
            return name;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>The bytes of this hash; null where the file is missing or is not what its name says.</summary>
    public byte[]? Find(string sha256)
    {
        if (!Contains(sha256))
            return null;
        var bytes = File.ReadAllBytes(PathOf(sha256));
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == sha256 ? bytes : null;
    }

    /// <summary>Lets go of a file that no fact needs any more; does nothing where it is not there.</summary>
    public void Discard(string sha256) => File.Delete(PathOf(sha256));
}
