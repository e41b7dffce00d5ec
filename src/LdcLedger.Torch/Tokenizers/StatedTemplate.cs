using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>A chat template as a model's files state it: a program in Jinja.</summary>
/// <param name="Source">The file that states it.</param>
/// <param name="OwnFile">That file where it holds nothing else, and so is no part of the tokenizer's other files; else null.</param>
public sealed record StatedTemplate(string Text, string Source, InputFile? OwnFile)
{
    private const int Longest = 1 << 20;

    /// <summary>SHA-256 (lower-case hex) of its text.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <exception cref="InvalidInputException">The file is none that can be read as text.</exception>
    internal static StatedTemplate OfFile(string path)
    {
        var file = InputFile.Plain(path);
        if (file.Length > Longest)
            throw new InvalidInputException($"{path} has {file.Length} bytes; a chat template of at most {Longest} is read.");
        var bytes = file.Head(Longest);
        var text = bytes.AsSpan(bytes is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0);
        return Utf8.IsValid(text) ? new(Encoding.UTF8.GetString(text), path, file)
            : throw new InvalidInputException($"{path} is not valid UTF-8.");
    }
}
