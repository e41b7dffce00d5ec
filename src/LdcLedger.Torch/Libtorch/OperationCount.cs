namespace LdcLedger.Torch.Libtorch;

/// <summary>
/// What this thread asks of libtorch while it is counted: operations (views, which move nothing, are none), copies between host and device,
/// and memory. The innermost count is the one that counts.
/// </summary>
internal sealed class OperationCount : IDisposable
{
    [ThreadStatic]
    private static OperationCount? Innermost;

    private readonly OperationCount? _outer = Innermost;

    private OperationCount() => Innermost = this;

    public static OperationCount Begin() => new();

    /// <summary>Null where nobody counts.</summary>
    internal static OperationCount? Current => Innermost;

    public int Operations { get; private set; }

    /// <summary>Copies of host memory to the device.</summary>
    public int Uploads { get; private set; }

    public long UploadedBytes { get; private set; }

    /// <summary>Copies of the device's memory to the host, each of which waits for the device.</summary>
    public int Reads { get; private set; }

    public long ReadBytes { get; private set; }

    /// <summary>Memory of the tensors that were made since and are still there; views have none of their own.</summary>
    public long LiveBytes { get; private set; }

    public long PeakBytes { get; private set; }

    internal void Operated() => Operations++;

    internal void Uploaded(long bytes)
    {
        Uploads++;
        UploadedBytes += bytes;
    }

    internal void Read(long bytes)
    {
        Reads++;
        ReadBytes += bytes;
    }

    internal void Made(long bytes)
    {
        LiveBytes += bytes;
        PeakBytes = Math.Max(PeakBytes, LiveBytes);
    }

    internal void Freed(long bytes) => LiveBytes -= bytes;

    public void Dispose() => Innermost = _outer;
}
