namespace LdcLedger.Torch.Models;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
public sealed record Turn(string Role, string Content);

/// <summary>A stretch of a rendered record.</summary>
/// <param name="Answer">Belongs to what the model is to say, and so is scored where only responses are.</param>
public sealed record Stretch(string Text, bool Answer);

/// <summary>How a family writes the turns of a conversation as text.</summary>
/// <param name="Marks">Tokens by which a tokenizer shows that it knows these turns.</param>
/// <param name="Render">The turns as text, in order.</param>
internal sealed record ChatTemplate(IReadOnlyList<string> Marks, Func<IReadOnlyList<Turn>, IEnumerable<Stretch>> Render);
