using LdcLedger.Torch.Kernels;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>A batch of which a test needs only a part.</summary>
internal sealed class Places : Batch
{
    public Places(int[] positions, Document[]? documents = null, int[]? targets = null)
        : base(positions.Length)
    {
        positions.CopyTo(Positions, 0);
        Documents = documents ?? [new Document(0, positions.Length)];
        Targets = targets ?? [];
        Scored = [.. Enumerable.Range(0, Targets.Length)];
    }
}
