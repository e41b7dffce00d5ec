namespace LdcLedger.Torch.Models;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
public sealed record Turn(string Role, string Content);

/// <summary>A stretch of a rendered record.</summary>
/// <param name="Answer">Belongs to what the model is to say, and so is scored where only responses are.</param>
public sealed record Stretch(string Text, bool Answer);

/// <summary>A format in which the turns of a conversation are written as text.</summary>
/// <param name="Title">As people call it.</param>
/// <param name="Marks">Tokens by which a tokenizer, or a template's text, shows that it has these turns; the last one ends a turn.</param>
/// <param name="OtherMarks">Those that templates of the format may mention besides, for pictures, tools and the ends of texts.</param>
/// <param name="LineAfterTurn">Whether a line feed follows the mark that ends a turn.</param>
/// <param name="Trims">Whether white space around what is said is left out, where no template says otherwise.</param>
/// <param name="SystemHeader">What stands before the system's words; null where the format has no turn for them.</param>
/// <param name="Render">The turns as text, in order.</param>
internal sealed record ChatTemplate(
    string Title, IReadOnlyList<string> Marks, IReadOnlyList<string> OtherMarks, bool LineAfterTurn, bool Trims, string? SystemHeader,
    Func<IReadOnlyList<Turn>, IEnumerable<Stretch>> Render)
{
    /// <summary>
    /// What many later models write. None of the families is made with it, but checkpoints tuned from them often are.
    /// </summary>
    public static ChatTemplate ChatMl { get; } = new(
        "ChatML", ["<|im_start|>", "<|im_end|>"],
        ["<|endoftext|>", "<|begin_of_text|>", "<|end_of_text|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"],
        LineAfterTurn: true, Trims: false, "<|im_start|>system\n", RenderChatMl);

    /// <summary>Every format that is known: the families' own, and ChatML.</summary>
    public static IReadOnlyList<ChatTemplate> All => [.. ModelFamilies.All.Select(family => family.Chat), ChatMl];

    private static IEnumerable<Stretch> RenderChatMl(IReadOnlyList<Turn> turns)
    {
        foreach (var turn in turns)
        {
            yield return new Stretch($"<|im_start|>{turn.Role}\n", Answer: false);
            yield return new Stretch(turn.Content + "<|im_end|>", turn.Role == "assistant");
            yield return new Stretch("\n", Answer: false);
        }
    }
}
