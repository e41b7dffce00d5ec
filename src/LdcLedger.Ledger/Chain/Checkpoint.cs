using System.Globalization;
using System.Text;

namespace LdcLedger.Ledger.Chain;

/// <summary>A signature under a note: by which key (name, and the first 4 bytes of a hash of it), over the note's text.</summary>
public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature);

/// <summary>
/// What a ledger was at a moment, as a text to be kept elsewhere: a C2SP checkpoint (c2sp.org/tlog-checkpoint), which is a signed note
/// (c2sp.org/signed-note) of at least three lines: origin, number of events, root in base64.
/// </summary>
/// <param name="Origin">Which ledger: <c>ldcledger/ID</c>.</param>
/// <param name="Size">Number of events under the root.</param>
/// <param name="Root">Lower-case hexadecimal.</param>
/// <param name="Text">What is signed, exactly: with its last newline, without the blank line after it.</param>
public sealed record Checkpoint(string Origin, long Size, string Root, string Text, IReadOnlyList<NoteSignature> Signatures)
{
    public const string OriginPrefix = "ldcledger/";

    private const int LongestNote = 1 << 20;

    /// <summary>The origin line of a ledger's checkpoints.</summary>
    public static string OriginOf(Guid ledger) => OriginPrefix + ledger.ToString("D");

    /// <summary>One that nobody has signed yet.</summary>
    public static Checkpoint Of(Guid ledger, long size, string root)
    {
        var origin = OriginOf(ledger);
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{origin}\n{size}\n{Convert.ToBase64String(Convert.FromHexString(root))}\n");
        return new(origin, size, root, text, []);
    }

    /// <summary>Signed by the ledger's key, under the ledger's name.</summary>
    public Checkpoint SignedBy(SealKey key) => this with { Signatures = [.. Signatures, new(Origin, key.Public.Id, key.Sign(Text))] };

    /// <summary>The whole note.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var (name, key, signature) in Signatures)
        {
            byte[] both = [(byte)(key >> 24), (byte)(key >> 16), (byte)(key >> 8), (byte)key, .. signature];
            note.Append("— ").Append(name).Append(' ').Append(Convert.ToBase64String(both)).Append('\n');
        }
        return note.ToString();
    }

    /// <exception cref="FormatException">It is none; the message says what is wrong, as the end of a sentence.</exception>
    public static Checkpoint Parse(string note)
    {
        if (note.Length > LongestNote)
            throw new FormatException("it is longer than any checkpoint");
        if (note.Any(c => c < ' ' && c != '\n'))
            throw new FormatException("it has control characters, which no checkpoint has");
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException("the blank line before the signatures is missing");
        var (text, below) = (note[..(end + 1)], note[(end + 2)..]);
        var lines = text.Split('\n')[..^1];
        if (lines.Length < 3)
            throw new FormatException("it needs three lines: origin, number of events, root");
        if (!long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || size.ToString(CultureInfo.InvariantCulture) != lines[1])
            throw new FormatException($"its second line, '{Shortened(lines[1])}', is not a number of events");
        if (Base64(lines[2]) is not { Length: 32 } root)
            throw new FormatException($"its third line, '{Shortened(lines[2])}', is not a SHA-256 in base64");
        if (lines.Any(line => line.Length == 0))
            throw new FormatException("it has an empty line");
        if (below.Length == 0 || !below.EndsWith('\n'))
            throw new FormatException("it ends in the middle of its signatures");
        return new(lines[0], size, Convert.ToHexStringLower(root), text, [.. below.Split('\n')[..^1].Select(SignatureIn)]);
    }

    private static NoteSignature SignatureIn(string line)
    {
        var parts = line.Split(' ');
        if (parts is not ["—", { Length: > 0 } name, var coded] || Base64(coded) is not { Length: > 4 } both)
            throw new FormatException($"'{Shortened(line)}' is not a signature");
        return new(name, (uint)(both[0] << 24 | both[1] << 16 | both[2] << 8 | both[3]), both[4..]);
    }

    private static byte[]? Base64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && Convert.ToBase64String(bytes, 0, length) == text
            ? bytes[..length]
            : null;
    }

    private static string Shortened(string line) => line.Length <= 60 ? line : line[..60] + "...";
}
