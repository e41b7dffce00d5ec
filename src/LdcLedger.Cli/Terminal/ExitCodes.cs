namespace LdcLedger.Cli.Terminal;

/// <summary>What a verb ends with.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>Something failed; also: a verification found a difference.</summary>
    public const int Failed = 1;

    /// <summary>Bad input: arguments, a spec, a file that cannot be what it should be.</summary>
    public const int BadInput = 2;

    /// <summary>Stopped by Ctrl-C (128 + SIGINT), as shells expect it.</summary>
    public const int Interrupted = 130;

    /// <summary>Stopped by SIGTERM (128 + SIGTERM).</summary>
    public const int Terminated = 143;
}
