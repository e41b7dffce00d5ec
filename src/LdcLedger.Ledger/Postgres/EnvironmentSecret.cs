namespace LdcLedger.Ledger.Postgres;

/// <summary>
/// A setting that may hold a password: from the environment variable, or from the file that the variable with <c>_FILE</c> appended names,
/// as container engines mount secrets.
/// </summary>
public static class EnvironmentSecret
{
    /// <returns>Null where neither is set.</returns>
    /// <exception cref="LedgerUnavailable">The file cannot be read.</exception>
    public static string? Read(string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is { } value && !string.IsNullOrWhiteSpace(value))
            return value;
        if (Environment.GetEnvironmentVariable(variable + "_FILE") is not { Length: > 0 } file)
            return null;
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } content ? content : null;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailable($"{variable}_FILE names {file}, which cannot be read: {cause.Message}", cause) { IsSetting = true };
        }
    }
}
