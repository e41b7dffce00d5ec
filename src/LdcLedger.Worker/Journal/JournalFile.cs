using System.Buffers.Binary;
using System.Numerics;

namespace LdcLedger.Worker.Journal;

/// <summary>
/// An append-only file of records that are on disk when <see cref="Append"/> returns. A frame is the record's length and the CRC-32C of
/// length and record (both little-endian, 4 bytes each), then the record. A process that dies while it appends leaves a torn last
/// frame: reading stops before it, and opening the file again cuts it off. The file is locked while it is open.
/// </summary>
public sealed class JournalFile : IDisposable
{
    private const int HeaderLength = 8;
    private readonly FileStream _file;

    private JournalFile(FileStream file, IReadOnlyList<byte[]> records) => (_file, Records) = (file, records);

    /// <summary>What the file held when it was opened, in the order of the appends.</summary>
    public IReadOnlyList<byte[]> Records { get; }

    public string Path => _file.Name;

    /// <exception cref="IOException">Another process has it open, or the disk refuses.</exception>
    /// <exception cref="InvalidDataException">A frame before the last one is damaged: that is no torn append.</exception>
    public static JournalFile Open(string path)
    {
        var isNew = !File.Exists(path);
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var records = Read(bytes, path, out var whole);
            file.SetLength(whole);
            file.Position = whole;
            if (isNew)
                WholeFile.SyncFolder(System.IO.Path.GetDirectoryName(file.Name)!);
            return new(file, records);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Returns when the record is on disk. After an exception the file is as it was before, or ends in a torn frame.</summary>
    public void Append(ReadOnlySpan<byte> record)
    {
        if (record.IsEmpty)
            throw new ArgumentException("A record has at least one byte.", nameof(record));
        var begin = _file.Position;
        var frame = new byte[HeaderLength + record.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), Checksum(record));
        record.CopyTo(frame.AsSpan(HeaderLength));
        try
        {
            _file.Write(frame);
            _file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // A full disk may have taken a part of the frame; without this cut the next append would stand behind damage.
            _file.SetLength(begin);
            _file.Position = begin;
            throw;
        }
    }

    /// <summary>The records of the whole frames, and how many bytes these frames take.</summary>
    internal static IReadOnlyList<byte[]> Read(ReadOnlySpan<byte> bytes, string path, out int whole)
    {
        var records = new List<byte[]>();
        whole = 0;
        while (whole < bytes.Length)
        {
            var rest = bytes[whole..];
            var length = rest.Length < HeaderLength ? 0 : BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length <= 0 || length > rest.Length - HeaderLength)
                return records;
            var record = rest.Slice(HeaderLength, length);
            if (Checksum(record) != BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]))
            {
                if (length == rest.Length - HeaderLength || rest[HeaderLength..].IndexOfAnyExcept((byte)0) < 0)
                    return records;
                throw new InvalidDataException(
                    $"{path} is damaged at byte {whole}: record {records.Count + 1} does not match its checksum, "
                    + "and more records follow it.");
            }
            records.Add(record.ToArray());
            whole += HeaderLength + length;
        }
        return records;
    }

    private static uint Checksum(ReadOnlySpan<byte> record)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (uint)record.Length);
        foreach (var value in record)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    public void Dispose() => _file.Dispose();
}
