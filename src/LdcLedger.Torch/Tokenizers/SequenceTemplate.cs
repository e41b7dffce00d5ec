namespace LdcLedger.Torch.Tokenizers;

/// <summary>The <c>post_processor</c> of tokenizer.json: the special tokens that a single text gets before and after it.</summary>
/// <param name="Before">Ids in front, as a rule the one of BOS.</param>
/// <param name="After">Ids behind.</param>
internal sealed record SequenceTemplate(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    private const string Known = "Sequence, TemplateProcessing, ByteLevel, BertProcessing and RobertaProcessing";

    public static readonly SequenceTemplate None = new([], []);

    public static SequenceTemplate Read(TokenizerJson? json)
    {
        if (json is not { } place)
            return None;
        switch (place["type"].Text())
        {
            case "ByteLevel":   // moves offsets only
                return None;
            case "Sequence":    // each step wraps what the one before made
                return place["processors"].Items().Select(p => Read(p)).Aggregate(None, (inner, outer) =>
                    new SequenceTemplate([.. outer.Before, .. inner.Before], [.. inner.After, .. outer.After]));
            case "BertProcessing" or "RobertaProcessing":
                return new SequenceTemplate([PairedId(place["cls"])], [PairedId(place["sep"])]);
            case "TemplateProcessing":
                return ReadTemplate(place);
            default:
                throw place.UnknownType(Known);
        }
    }

    private static int PairedId(TokenizerJson json) =>
        json.Items().ToList() is [_, var id] ? id.Number() : throw json.Wrong("is not a pair of token and id");

    private static SequenceTemplate ReadTemplate(TokenizerJson json)
    {
        List<int> before = [], after = [];
        var seen = false;
        foreach (var piece in json["single"].Items())
        {
            if (piece.Maybe("Sequence") is { } sequence)
            {
                if (seen || sequence["id"].Text() != "A")
                    throw piece.Wrong("is a second sequence; the template of a single text has exactly one, A");
                seen = true;
                continue;
            }
            var special = json["special_tokens"][piece["SpecialToken"]["id"].Text()];
            (seen ? after : before).AddRange(special["ids"].Items().Select(id => id.Number()));
        }
        return seen ? new SequenceTemplate(before, after) : throw json["single"].Wrong("has no place for the text (Sequence A)");
    }
}
