namespace LdcLedger.Ledger.Postgres;

/// <summary>An error and what led to it.</summary>
public static class CauseChain
{
    /// <summary>The error itself, then its cause, then that one's cause, to the innermost; nothing of null.</summary>
    public static IEnumerable<Exception> WithCauses(this Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            yield return error;
    }
}
