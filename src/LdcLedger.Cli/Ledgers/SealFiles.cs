using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Seals;

namespace LdcLedger.Cli.Ledgers;

/// <summary>Keys and checkpoints that the user names: read, and refused in a sentence.</summary>
internal static class SealFiles
{
    private const long LargestFile = 1 << 24;

    public static readonly Option<string?> Key = new("--key")
    {
        Description = "PEM file of the public keys whose signatures count (default: this machine's own key, where it has one).",
        HelpName = "FILE",
    };

    /// <summary>Those of <c>--key</c>, else this machine's; null where it has none.</summary>
    public static IReadOnlyList<PublicSealKey>? KeysOf(ParseResult arguments)
    {
        if (arguments.GetValue(Key) is not { } file)
            return SealKeys.FromEnvironment().Trusted();
        try
        {
            return PublicSealKey.AllIn(Text(file));
        }
        catch (FormatException wrong)
        {
            throw new BadInputException($"{file} cannot be used as a key: {wrong.Message}.");
        }
    }

    /// <summary>A checkpoint, of whatever log and by whomever it was signed.</summary>
    public static Checkpoint CheckpointIn(string file)
    {
        try
        {
            return Checkpoint.Parse(Text(file));
        }
        catch (FormatException wrong)
        {
            throw new BadInputException($"{file} is no checkpoint: {wrong.Message}.");
        }
    }

    /// <summary>What is wrong with a checkpoint's signature, as the end of a sentence; null: nothing.</summary>
    public static string? Problem(Checkpoint checkpoint, IReadOnlyList<PublicSealKey> keys) => checkpoint.By(keys) switch
    {
        SignatureState.Good => null,
        SignatureState.Broken => "has a signature that is not over its text: it was edited since it was signed",
        SignatureState.Foreign =>
            $"is signed with key {string.Join(", ", checkpoint.Signatures.Select(s => PublicSealKey.NameOf(s.KeyId)))}, "
            + $"and not with {string.Join(" or ", keys.Select(key => key.Name))}",
    };

    public static byte[] Bytes(string file)
    {
        if (Directory.Exists(file))
            throw new BadInputException($"{file} is a folder.");
        if (!File.Exists(file))
            throw new BadInputException($"{file}: there is no such file.");
        // A device or a pipe does not say how long it is.
        using var from = File.OpenRead(file);
        using var read = new MemoryStream();
        var some = new byte[1 << 16];
        for (int count; (count = from.Read(some)) > 0;)
        {
            read.Write(some, 0, count);
            if (read.Length > LargestFile)
                throw new BadInputException($"{file} is larger than any key, checkpoint or proof.");
        }
        return read.ToArray();
    }

    private static string Text(string file)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes(file));
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw new BadInputException($"{file} is not a text in UTF-8.");
        }
    }
}
