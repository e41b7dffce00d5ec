using LdcLedger.Cli.Specs;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Torch;

namespace LdcLedger.Cli.Terminal;

/// <summary>Bad input that only the command line itself can know of: an unknown study, a folder in the way.</summary>
internal sealed class BadInputException(string message) : Exception(message);

/// <summary>A verb could not do its work, for a reason that the user can be told in one sentence.</summary>
internal sealed class FailedException(string message) : Exception(message);

/// <summary>What an exception that escaped a verb says to the user, and the exit code.</summary>
internal static class Fault
{
    /// <summary>Writes one sentence to stderr (with <paramref name="verbose"/> the stack trace, too) and gives the exit code.</summary>
    public static int Report(Exception exception, bool verbose)
    {
        var cause = Unwrapped(exception);
        foreach (var line in Sentence(cause).Split('\n'))
            Screen.Say($"ldc: {line}");
        if (verbose)
            Screen.Say(exception.ToString());
        else if (!IsExpected(cause))
            Screen.Say("ldc: --verbose shows where this came from.");
        return CodeOf(cause);
    }

    public static int CodeOf(Exception cause) => cause switch
    {
        BadInputException or InvalidSpecException or InvalidInputException or RuleViolation => ExitCodes.BadInput,
        _ => ExitCodes.Failed,
    };

    private static bool IsExpected(Exception cause) =>
        cause is BadInputException or InvalidSpecException or InvalidInputException or RuleViolation or FailedException or LedgerUnavailable or IOException or UnauthorizedAccessException;

    private static string Sentence(Exception cause) => cause switch
    {
        IOException io when IsDiskFull(io) => $"the disk is full: {io.Message} Nothing that was recorded is lost; free some space and run the same command again.",
        OutOfMemoryException => "there is not enough memory for this.",
        _ when IsExpected(cause) => cause.Message,
        _ => $"{cause.Message} ({cause.GetType().Name})",
    };

    // ENOSPC; .NET keeps the errno in HResult on Unix.
    private static bool IsDiskFull(IOException io) => io.HResult is 28 or unchecked((int)0x80070070);

    private static Exception Unwrapped(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions.Count: 1 } aggregate => Unwrapped(aggregate.InnerException!),
        System.Reflection.TargetInvocationException { InnerException: { } inner } => Unwrapped(inner),
        TypeInitializationException { InnerException: { } inner } => Unwrapped(inner),
        _ => exception,
    };
}
