using System.Text.RegularExpressions;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Corpora;

/// <summary>How prompt and response, or the turns of a conversation, become one text.</summary>
public sealed partial class DocumentTemplate
{
    /// <summary>What a spec says for the model's own template.</summary>
    public const string Chat = "chat";

    private readonly IReadOnlyList<string> _pieces;   // literal text, {prompt} and {response} in order; empty for chat
    private readonly ModelChat? _chat;

    private DocumentTemplate(IReadOnlyList<string> pieces, ModelChat? chat) => (_pieces, _chat) = (pieces, chat);

    /// <summary>Sentences on what a user may not expect of it.</summary>
    public IReadOnlyList<string> Notes => _chat?.Notes ?? [];

    /// <summary>The hash of the tokenizer's files that have a part in documents of this template.</summary>
    /// <param name="template">As a spec states it.</param>
    public static string TokenizerHash(string template, Tokenizer tokenizer) =>
        template == Chat ? tokenizer.HashWithChatTemplate : tokenizer.Hash;

    /// <param name="template">Text with <c>{prompt}</c> and <c>{response}</c>, or <c>chat</c> for the model's own turns.</param>
    /// <exception cref="InvalidInputException">The template has no <c>{response}</c> or an unknown placeholder, or the model's own is of no
    /// known format.</exception>
    public static DocumentTemplate Read(string template, Tokenizer tokenizer)
    {
        if (template == Chat) return new DocumentTemplate([], ModelChat.Of(tokenizer));
        var pieces = Placeholder().Split(template).Where(piece => piece.Length > 0).ToList();
        if (pieces.FirstOrDefault(piece => Placeholder().IsMatch(piece) && piece is not ("{prompt}" or "{response}")) is { } unknown)
            throw new InvalidInputException(
                $"The template \"{template}\" has the placeholder {unknown}; {{prompt}} and {{response}} are known.");
        return pieces.Count(piece => piece == "{response}") == 1 && pieces.Count(piece => piece == "{prompt}") <= 1
            ? new DocumentTemplate(pieces, null)
            : throw new InvalidInputException(
                $"The template \"{template}\" needs {{response}} once and {{prompt}} at most once, or is the word chat.");
    }

    [GeneratedRegex(@"(\{[a-z_]+\})")]
    private static partial Regex Placeholder();

    /// <summary>The record as text, in order. Plain text is one answer: nothing of it is asked.</summary>
    public IEnumerable<Stretch> Render(CorpusRecord record) => record switch
    {
        CorpusRecord.Plain plain => [new Stretch(plain.Text, Answer: true)],
        CorpusRecord.Answered answered when _chat is not null =>
            _chat.Write([new Turn("user", answered.Prompt), new Turn("assistant", answered.Response)]),
        CorpusRecord.Answered answered => Fill(answered.Prompt, answered.Response),
        CorpusRecord.Conversation conversation when _chat is not null => _chat.Write(UpToLastAnswer(conversation.Turns)),
        CorpusRecord.Conversation conversation => Exchanges(UpToLastAnswer(conversation.Turns)),
        _ => throw new InvalidOperationException($"A record of the kind {record.GetType().Name} has no text."),
    };

    private static List<Turn> UpToLastAnswer(IReadOnlyList<Turn> turns) =>
        [.. turns.Take(turns.Select((turn, i) => turn.Role == "assistant" ? i + 1 : 0).Max())];

    private IEnumerable<Stretch> Fill(string prompt, string response) => _pieces.Select(piece => piece switch
    {
        "{prompt}" => new Stretch(prompt, Answer: false),
        "{response}" => new Stretch(response, Answer: true),
        _ => new Stretch(piece, Answer: false),
    });

    /// <summary>
    /// A conversation in a text template: each exchange fills it once, with a blank line between; the system's word stands before the first
    /// prompt.
    /// </summary>
    private IEnumerable<Stretch> Exchanges(List<Turn> turns)
    {
        var system = turns[0].Role == "system" ? turns[0].Content + "\n\n" : "";
        var first = system.Length > 0 ? 1 : 0;
        for (var i = first; i + 1 < turns.Count; i += 2)
        {
            if (i > first)
                yield return new Stretch("\n\n", Answer: false);
            foreach (var stretch in Fill(i == first ? system + turns[i].Content : turns[i].Content, turns[i + 1].Content))
                yield return stretch;
        }
    }
}
