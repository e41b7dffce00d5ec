namespace LdcLedger.Ledger.Tests.Settings;

/// <summary>Texts with one to three mistakes: a character too few or too many, or the two halves the wrong way round.</summary>
internal static class AlmostTexts
{
    private const string Spice = "@/:?#&=%;' \"\\[],+-0aZ\té\u2028\0\n";

    public static string Of(IReadOnlyList<string> models, Random random)
    {
        var text = models[random.Next(models.Count)];
        for (var mistakes = random.Next(1, 4); mistakes > 0; mistakes--)
        {
            var at = random.Next(text.Length);
            text = random.Next(3) switch
            {
                0 when text.Length > 1 => text.Remove(at, 1),
                1 => text.Insert(at, $"{Spice[random.Next(Spice.Length)]}"),
                _ => text[at..] + text[..at],
            };
        }
        return text;
    }
}
