namespace LdcLedger.Ledger.Checks;

/// <summary>What one check found: fine, or what to do.</summary>
/// <param name="Subject">PostgreSQL, RabbitMQ, libtorch, ...</param>
/// <param name="Says">One line.</param>
public sealed record Finding(string Subject, bool IsFine, string Says)
{
    public static Finding Fine(string subject, string says) => new(subject, true, says);
    public static Finding ToDo(string subject, string says) => new(subject, false, says);
}
