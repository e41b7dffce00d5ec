using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Corpora;

/// <summary>One record of a corpus: plain text, a prompt with its response, or a conversation.</summary>
/// <param name="Place">Where it stands, for messages: file and line, row or paragraph.</param>
public abstract record CorpusRecord(string Place)
{
    public sealed record Plain(string Text, string Place) : CorpusRecord(Place);

    public sealed record Answered(string Prompt, string Response, string Place) : CorpusRecord(Place);

    public sealed record Conversation(IReadOnlyList<Turn> Turns, string Place) : CorpusRecord(Place);

    private byte[]? _hash;

    /// <summary>
    /// What decides on which side of the split the record falls: its texts, joined by a blank line, in normal form C, line ends as a line
    /// feed, without white space at line ends or around the whole; so copies that differ only there, or only in the keys they stand under,
    /// stay together. Training reads the text as given.
    /// </summary>
    public string NormalisedContent => Normalised(string.Join("\n\n", this switch
    {
        Plain plain => [plain.Text],
        Answered answered => [answered.Prompt, answered.Response],
        Conversation conversation => conversation.Turns.Select(turn => turn.Content),
        _ => throw new InvalidOperationException($"A record of the kind {GetType().Name} has no normalised content."),
    }));

    /// <summary>SHA-256 of <see cref="NormalisedContent"/> in UTF-8.</summary>
    public ReadOnlySpan<byte> Hash => _hash ??= SHA256.HashData(Encoding.UTF8.GetBytes(NormalisedContent));

    /// <summary>
    /// Whether the hash, read as a number between 0 and 1, falls into the first <paramref name="share"/>: stable under reordering and
    /// additions.
    /// </summary>
    public bool IsHeldOut(double share) => (BinaryPrimitives.ReadUInt64BigEndian(Hash) >> 11) * (1.0 / (1UL << 53)) < share;

    /// <summary>Holds nothing but white space where it counts.</summary>
    public bool IsBlank => this switch
    {
        Plain plain => string.IsNullOrWhiteSpace(plain.Text),
        Answered answered => string.IsNullOrWhiteSpace(answered.Response),
        Conversation conversation => !conversation.Turns.Any(turn => turn.Role == "assistant" && !string.IsNullOrWhiteSpace(turn.Content)),
        _ => throw new InvalidOperationException($"A record of the kind {GetType().Name} has no text."),
    };

    /// <summary>UTF-16 units of its texts together.</summary>
    public long Characters => this switch
    {
        Plain plain => plain.Text.Length,
        Answered answered => answered.Prompt.Length + (long)answered.Response.Length,
        Conversation conversation => conversation.Turns.Sum(turn => (long)turn.Content.Length),
        _ => throw new InvalidOperationException($"A record of the kind {GetType().Name} has no length."),
    };

    private static string Normalised(string text)
    {
        var lines = UnicodeForms.Nfc(text).ReplaceLineEndings("\n").Split('\n');
        return string.Join('\n', lines.Select(line => line.TrimEnd())).Trim();
    }
}
