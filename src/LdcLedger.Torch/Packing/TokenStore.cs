using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LdcLedger.Torch.Packing;

/// <summary>
/// Numbers in the order in which they came, read again from anywhere. A few stay in memory; more go to a file without a name, so that
/// memory does not grow with the corpus and nothing stays on the disk, whatever happens to the process. One thread writes, any number read
/// when all is written.
/// </summary>
/// <param name="folder">Where the file is made.</param>
/// <param name="inMemory">Numbers up to which there is no file.</param>
internal sealed class TokenStore(string folder, long inMemory = TokenStore.MostInMemory) : IDisposable
{
    /// <summary>64 MiB of them.</summary>
    public const long MostInMemory = 16 << 20;

    private const int Chunk = 1 << 18;

    private readonly List<int[]> _chunks = [];   // all numbers, or those that the file has not got yet
    private SafeFileHandle? _file;
    private long _inFile;

    /// <summary>Numbers in it.</summary>
    public long Count { get; private set; }

    /// <returns>Where they begin.</returns>
    /// <exception cref="IOException">The folder's disk is full.</exception>
    public long Append(ReadOnlySpan<int> numbers)
    {
        var at = Count;
        while (numbers.Length > 0)
        {
            var within = (int)((Count - _inFile) % Chunk);
            if (within == 0)
                NextChunk();
            var some = Math.Min(numbers.Length, Chunk - within);
            numbers[..some].CopyTo(_chunks[^1].AsSpan(within));
            numbers = numbers[some..];
            Count += some;
        }
        return at;
    }

    public void Read(long at, Span<int> into)
    {
        while (into.Length > 0)
        {
            var some = into.Length;
            if (at < _inFile)
            {
                some = (int)Math.Min(some, _inFile - at);
                ReadFile(at, into[..some]);
            }
            else
            {
                var (chunk, within) = Math.DivRem(at - _inFile, Chunk);
                some = (int)Math.Min(some, Chunk - within);
                _chunks[(int)chunk].AsSpan((int)within, some).CopyTo(into);
            }
            at += some;
            into = into[some..];
        }
    }

    private void NextChunk()
    {
        if (Count < inMemory)
        {
            _chunks.Add(new int[Chunk]);
            return;
        }
        _file ??= Unnamed(folder);
        foreach (var chunk in _chunks)
        {
            RandomAccess.Write(_file, MemoryMarshal.AsBytes<int>(chunk), _inFile * sizeof(int));
            _inFile += Chunk;
        }
        if (_chunks.Count == 0)
            _chunks.Add(new int[Chunk]);
        else
            _chunks.RemoveRange(1, _chunks.Count - 1);
    }

    private void ReadFile(long at, Span<int> into)
    {
        var bytes = MemoryMarshal.AsBytes(into);
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(_file!, bytes[done..], at * sizeof(int) + done);
            done += read > 0 ? read : throw new EndOfStreamException("The file of token ids ends too early.");
        }
    }

    private static SafeFileHandle Unnamed(string folder)
    {
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, Path.GetRandomFileName());
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete,
            OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _chunks.Clear();
    }
}
