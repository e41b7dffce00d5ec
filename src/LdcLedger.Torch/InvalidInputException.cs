namespace LdcLedger.Torch;

/// <summary>Something that the user gave cannot be used: one sentence that names the thing, its value and what is allowed.</summary>
public sealed class InvalidInputException : Exception
{
    public InvalidInputException(string message) : base(OneLine.Of(message)) { }

    public InvalidInputException(string message, Exception cause) : base(OneLine.Of(message), cause) { }
}
