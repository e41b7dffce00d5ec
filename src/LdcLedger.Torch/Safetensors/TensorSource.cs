namespace LdcLedger.Torch.Safetensors;

/// <summary>Rows of numbers that can be copied out in pieces.</summary>
internal interface ITensorSource
{
    IReadOnlyList<long> Shape { get; }

    /// <summary>Copies <paramref name="to"/>.Length elements from <paramref name="from"/> on.</summary>
    void CopyTo(Span<float> to, long from);
}
