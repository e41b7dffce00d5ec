namespace LdcLedger.Torch.Golden;

/// <summary>One comparison with a reference value: the largest error found, beside what the case allows.</summary>
/// <param name="Tensor">Which tensor or number of the case, e.g. <c>hidden_states.3</c> or <c>step 4 loss</c>.</param>
/// <param name="Error">As the kind of case defines it (max-rel, fro-rel, relative, count of differences); NaN where the two cannot be
/// compared.</param>
/// <param name="Tolerance">Largest error allowed, in the same unit.</param>
public sealed record GoldenCheck(string Tensor, double Error, double Tolerance)
{
    /// <summary>NaN never passes.</summary>
    public bool Pass => Error <= Tolerance;
}
