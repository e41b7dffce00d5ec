namespace LdcLedger.Torch.Corpora;

/// <summary>Entries of a corpus folder that are not read, for one reason.</summary>
/// <param name="Count">Files; of folders that are not entered the folders.</param>
/// <param name="Reason">What they are, in the plural: "hidden", "links that lead nowhere".</param>
/// <param name="Example">The first of them, by its name in the folder.</param>
public sealed record PassedOver(int Count, string Reason, string Example)
{
    /// <summary>As part of a sentence: "links to folders: 2 (src/loop, ...)".</summary>
    public string Words => $"{Reason}: {Count} ({Example}{(Count > 1 ? ", ..." : "")})";
}
