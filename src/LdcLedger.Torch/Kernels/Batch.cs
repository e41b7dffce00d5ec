namespace LdcLedger.Torch.Kernels;

/// <summary>Tokens on their way through a model, as numbers of the host's; an arithmetic puts them where it computes.</summary>
internal class Batch(int tokens)
{
    /// <summary>One for each token.</summary>
    public int[] Ids { get; } = new int[tokens];

    /// <summary>Of each token inside its document.</summary>
    public int[] Positions { get; } = new int[tokens];

    public Document[] Documents { get; protected set; } = [];

    /// <summary>Tokens whose successor is scored, and those successors.</summary>
    public int[] Scored { get; protected set; } = [];

    public int[] Targets { get; protected set; } = [];

    /// <summary>What <see cref="Arithmetic.Place"/> made of it; it lives as long as the arithmetic's step.</summary>
    public object? Placed { get; set; }
}

/// <summary>Consecutive tokens that see one another.</summary>
internal readonly record struct Document(int Start, int Length);
