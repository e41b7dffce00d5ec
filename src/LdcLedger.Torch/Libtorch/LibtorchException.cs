using System.Runtime.InteropServices;

namespace LdcLedger.Torch.Libtorch;

/// <summary>
/// libtorch refused an operation. The message is the first sentence of libtorch's own; the whole of it, with its C++ frames, is the inner
/// exception's. Still an <see cref="ExternalException"/>, which is what TorchSharp throws.
/// </summary>
public sealed class LibtorchException : ExternalException
{
    private LibtorchException(string message, ExternalException whole) : base(message, whole) { }

    public static LibtorchException Of(ExternalException whole) => whole as LibtorchException ?? new(FirstSentence(whole.Message), whole);

    /// <summary>A GPU's ("CUDA out of memory. Tried to ...") or the machine's ("DefaultCPUAllocator: can't allocate ...").</summary>
    public bool IsOutOfMemory => Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
        || Message.Contains("can't allocate memory", StringComparison.Ordinal);

    /// <summary>
    /// Up to the first full stop that ends a sentence (one inside a number does not), at most the first line; without the place and the
    /// condition that some begin with.
    /// </summary>
    internal static string FirstSentence(string message)
    {
        var line = message.AsSpan().TrimStart();
        if (line.IndexOfAny('\r', '\n') is >= 0 and var end) line = line[..end];
        const string sentenceEnd = ". ";
        if (line.StartsWith("[enforce fail at ", StringComparison.Ordinal)
            && line.IndexOf(sentenceEnd, StringComparison.Ordinal) is >= 0 and var condition)
            line = line[(condition + sentenceEnd.Length)..];
        if (line.IndexOf(sentenceEnd, StringComparison.Ordinal) is >= 0 and var stop) line = line[..(stop + 1)];
        return line.IsWhiteSpace() ? "libtorch failed and gave no reason." : line.TrimEnd().ToString();
    }
}
