using System.Security.Cryptography;
using System.Text;

namespace LdcLedger.Torch.Inputs;

/// <summary>
/// SHA-256, lower-case hexadecimal, of what runs are computed from. Events carry these; a worker computes them again before it
/// trains, so that no run is ever recorded under inputs that it did not have.
/// </summary>
public static class InputHashes
{
    /// <summary>
    /// Of a checkpoint's weights: of <c>model.safetensors</c>; where it is sharded, of the lines that <c>sha256sum</c> prints for its
    /// shards, sorted by name.
    /// </summary>
    /// <param name="files">The files that hold the weights.</param>
    public static string OfWeights(IReadOnlyList<string> files, CancellationToken cancellation = default) =>
        files.Count == 1 ? OfFile(files[0], cancellation) : OfLines(files.Select(f => (Path.GetFileName(f), f)), cancellation);

    public static string OfFile(string path, CancellationToken cancellation = default)
    {
        using var file = InputFile.At(path).Open(FileOptions.SequentialScan, 1 << 20);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string OfLines(IEnumerable<(string Name, string Path)> files, CancellationToken cancellation)
    {
        var lines = new StringBuilder();
        foreach (var (name, path) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
            lines.Append(OfFile(path, cancellation)).Append("  ").Append(name).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }
}
