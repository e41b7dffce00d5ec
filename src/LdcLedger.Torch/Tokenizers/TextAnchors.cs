namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// Places in a text at which it may be encoded in two: the ids of what lies before are the same whether the text goes on or not. So the ids
/// of a beginning of it are known up to a place shortly before its end, however long it is.
/// </summary>
internal sealed class TextAnchors
{
    private const int Apart = 32;   // closer ones would save nothing

    private readonly List<Anchor> _anchors = [new(0, 0, 0, Inside: false)];

    /// <param name="At">Place in the text.</param>
    /// <param name="Ids">Ids before it.</param>
    /// <param name="Reach">How far a beginning must reach for this to be true of it.</param>
    /// <param name="Inside">Not at the end of an added token: what is put in front of a text does not come again.</param>
    public readonly record struct Anchor(int At, int Ids, int Reach, bool Inside);

    public void Add(Anchor anchor)
    {
        if (anchor.At >= _anchors[^1].At + Apart)
            _anchors.Add(anchor);
    }

    /// <summary>The last one that is true of the beginning that ends at <paramref name="place"/>.</summary>
    public Anchor Before(int place)
    {
        var (low, high) = (0, _anchors.Count - 1);   // the reach never falls from one to the next
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _anchors[middle].Reach <= place ? (middle, high) : (low, middle - 1);
        }
        return _anchors[low];
    }
}
