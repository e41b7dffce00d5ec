namespace LdcLedger.Specs;

/// <summary>Names of models, domains and rules become parts of file names, so they keep to letters, digits, dot, dash and underscore.</summary>
internal static class FileNames
{
    public const int Longest = 64;

    /// <param name="place">Where the name stands; one that is empty has been found already.</param>
    /// <param name="taken">Names from which it must differ.</param>
    public static void Check(SpecReading reading, string place, string name, IEnumerable<string>? taken = null)
    {
        if (name.Length == 0)
            return;
        if (name.Length > Longest || !char.IsAsciiLetterOrDigit(name[0])
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            reading.Note(place, $"{place}: '{name}' cannot be part of a file name; allowed are at most {Longest} letters, digits, "
                + "'.', '-' and '_', beginning with a letter or digit");
        if (taken?.Contains(name, StringComparer.OrdinalIgnoreCase) == true)
            reading.Note(place, $"{place}: '{name}' appears twice; names must differ by more than case");
    }
}
