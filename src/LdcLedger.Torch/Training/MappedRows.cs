using System.IO.MemoryMappedFiles;

namespace LdcLedger.Torch.Training;

/// <summary>
/// Rows of numbers in a memory-mapped file that has no name any more: whatever happens to the process, nothing of it stays on the disk.
/// </summary>
internal sealed unsafe class MappedRows : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly float* _data;
    private readonly int _columns;

    /// <param name="folder">Made where it is missing.</param>
    /// <exception cref="IOException">The folder's disk has not room for all of it; a page that finds none later would end the
    /// process.</exception>
    public MappedRows(string folder, int rows, int columns)
    {
        var bytes = (long)rows * columns * sizeof(float);
        _columns = columns;
        // Asked first: a file system that has too little takes all of it before it says so, and for that moment nobody else has any.
        var free = new DriveInfo(Directory.CreateDirectory(folder).FullName).AvailableFreeSpace;
        if (bytes > free) throw new IOException($"{folder} has room for {free} bytes; activations need {bytes}.");
        var path = Path.Combine(folder, Path.GetRandomFileName());
        var stream = new FileStream(path,
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, PreallocationSize = bytes });
        try
        {
            stream.SetLength(bytes);
            _file = MemoryMappedFile.CreateFromFile(stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None,
                leaveOpen: false);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
        finally
        {
            File.Delete(path);
        }
        _view = _file.CreateViewAccessor(0, bytes);
        byte* data = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref data);
        _data = (float*)data;
    }

    public Span<float> this[int row] => new(_data + (long)row * _columns, _columns);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
