using LdcLedger.Domain;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Seals;
using LdcLedger.Ledger.Settings;
using LdcLedger.Ledger.Trees;
using LdcLedger.Ledger.Verification;
using LdcLedger.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Web.Access;
using LdcLedger.Worker.Journal;
using Npgsql;

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
        else if (!IsExpected(cause) && !IsDiskFull(cause))
            Screen.Say("ldc: --verbose shows where this came from.");
        return CodeOf(cause);
    }

    public static int CodeOf(Exception cause) => cause switch
    {
        BadInputException or InvalidSpecException or InvalidInputException or RuleViolation or SettingRefused or NoTokenYet =>
            ExitCodes.BadInput,
        _ => ExitCodes.Failed,
    };

    private static bool IsExpected(Exception cause) => IsSentence(cause) || IsAway(cause) || IsForbidden(cause);

    // Its message is one for people.
    private static bool IsSentence(Exception cause) =>
        cause is BadInputException or InvalidSpecException or InvalidInputException or RuleViolation or FailedException
            or SettingRefused or NoTokenYet or LedgerUnavailable or LedgerDamaged or BrokerUnavailable or SealRefused or BrokenTree
            or IOException or UnauthorizedAccessException;

    internal static string Sentence(Exception cause) => cause switch
    {
        _ when IsDiskFull(cause) =>
            $"the disk is full: {InnermostMessage(cause).TrimEnd('.')}. Nothing that was recorded is lost; free some space and run the "
                + "same command again.",
        OutOfMemoryException or LibtorchException { IsOutOfMemory: true } => "there is not enough memory for this.",
        _ when IsSentence(cause) => cause.Message,
        _ when IsForbidden(cause) =>
            $"PostgreSQL refuses: {((PostgresException)Innermost(cause)).MessageText}; use a role that may, "
            + "such as ldc_app of infra/postgres/roles.sql.",
        _ when IsAway(cause) => $"the ledger went away ({Innermost(cause).Message.TrimEnd('.')}): nothing that was recorded is lost; "
            + "`ldc doctor` says what is wrong, then run the same command again.",
        LibtorchException => $"libtorch: {cause.Message}",
        _ => $"{cause.Message} ({cause.GetType().Name})",
    };

    // After it was opened; before, it is LedgerUnavailable.
    private static bool IsAway(Exception cause) => LedgerAbsence.Is(cause) && cause.WithCauses().Any(c => c is NpgsqlException);

    private static bool IsForbidden(Exception cause) =>
        Innermost(cause) is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege };

    private static Exception Innermost(Exception cause) => cause.WithCauses().Last();

    // ENOSPC; .NET keeps the errno in HResult on Unix. PostgreSQL has a code of its own for it.
    internal static bool IsDiskFull(Exception cause) => cause.WithCauses().Any(c =>
        c is IOException { HResult: 28 or unchecked((int)0x80070070) } or PostgresException { SqlState: PostgresErrorCodes.DiskFull });

    private static string InnermostMessage(Exception cause) => Innermost(cause) switch
    {
        PostgresException refused => refused.MessageText,
        var innermost => innermost.Message,
    };

    private static Exception Unwrapped(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions.Count: 1 } aggregate => Unwrapped(aggregate.InnerException!),
        System.Reflection.TargetInvocationException { InnerException: { } inner } => Unwrapped(inner),
        TypeInitializationException { InnerException: { } inner } => Unwrapped(inner),
        _ => exception,
    };
}
