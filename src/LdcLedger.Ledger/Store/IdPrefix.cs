namespace LdcLedger.Ledger.Store;

/// <summary>The beginning of an id, as people give it: hexadecimal digits, with or without hyphens.</summary>
/// <param name="First">The lowest id that begins so.</param>
/// <param name="Last">The highest: from one to the other they are a range, so that the primary key's index answers.</param>
internal readonly record struct IdPrefix(Guid First, Guid Last)
{
    /// <returns>Null where the text is none.</returns>
    public static IdPrefix? Parse(string text)
    {
        var digits = text.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        return digits.Length is > 0 and <= 32 && digits.All(char.IsAsciiHexDigit)
            ? new(Guid.Parse(digits.PadRight(32, '0')), Guid.Parse(digits.PadRight(32, 'f'))) : null;
    }
}
