using System.Globalization;
using System.Text.RegularExpressions;

namespace LdcLedger.Reports.Comparisons;

/// <summary>A cell of a table as it was printed: its number, and how far that is rounded.</summary>
/// <param name="Unit">Of its last digit: 0.1 of 1.019e+02.</param>
/// <param name="Decimals">After the point of what is printed.</param>
/// <param name="HasExponent">Whether it is printed like 1.019e+02.</param>
public readonly partial record struct StatedNumber(double Value, double Unit, int Decimals, bool HasExponent)
{
    /// <summary>Whether it is too large or too small for its value to tell it from others.</summary>
    public bool IsBeyond { get; private init; }

    /// <summary>The text without what only shows it: bold type of Markdown, LaTeX or HTML, dollars, blanks.</summary>
    public static string Plain(string cell)
    {
        var text = cell.Trim();
        for (var before = ""; before != text;)
        {
            before = text;
            text = Shown().Replace(text, "${text}").Trim();
        }
        return text;
    }

    /// <summary>Whether a cell says that there is nothing.</summary>
    public static bool IsNothing(string plain) =>
        plain is "" or "-" or "–" or "—" or "--" or "n/a" or "N/A" or "NA" or "nan" or "NaN" or "null";

    /// <summary>A number that was computed and is none: unlike a dash, it says something of what it stands for.</summary>
    public static bool IsNotANumber(string plain) => plain is "nan" or "NaN";

    /// <summary>Null where the text is no number.</summary>
    public static StatedNumber? Of(string plain)
    {
        var text = plain.Replace('−', '-');
        if (Grouped().IsMatch(text))
            text = text.Replace(",", "", StringComparison.Ordinal);
        if (Number().Match(text) is not { Success: true } match)
            return null;
        var (digits, exponent) = (match.Groups["digits"].Value, match.Groups["exponent"].Value);
        var power = 0;
        if (exponent.Length > 0 && !int.TryParse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out power)
            || power is < -400 or > 400)
            return null;
        var decimals = digits.IndexOf('.') is >= 0 and var point ? digits.Length - point - 1 : 0;
        var value = Parsed($"{match.Groups["sign"].Value}{digits}", power);
        var unit = Parsed("1", power - decimals);
        return new(value, unit, decimals, exponent.Length > 0)
        {
            IsBeyond = !double.IsFinite(value) || value == 0 && digits.AsSpan().ContainsAnyInRange('1', '9'),
        };
    }

    /// <summary>Whether another number, rounded to this one's last digit, is this one. Halfway, either neighbour is.</summary>
    public bool Rounds(double whole) => Math.Abs(whole - Value) <= Unit * (0.5 + 1e-9);

    private static double Parsed(string digits, int power) =>
        double.Parse(string.Create(CultureInfo.InvariantCulture, $"{digits}e{power}"), CultureInfo.InvariantCulture);

    /// <summary>Another number as this one is printed.</summary>
    public string Print(double other)
    {
        if (!HasExponent)
            return other.ToString($"F{Decimals}", CultureInfo.InvariantCulture);
        var printed = other.ToString($"e{Decimals}", CultureInfo.InvariantCulture);
        // .NET writes three digits of an exponent, everyone else two.
        return ThirdDigit().Replace(printed, "$1$2");
    }

    [GeneratedRegex(@"^(?:\*\*(?<text>.+)\*\*|\*(?<text>.+)\*|__(?<text>.+)__|\$(?<text>.+)\$"
        + @"|\\(?:textbf|mathbf|bm)\{(?<text>.+)\}|<(?:b|strong)>(?<text>.+)</(?:b|strong)>)$")]
    private static partial Regex Shown();

    [GeneratedRegex(@"^[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$")]
    private static partial Regex Grouped();

    [GeneratedRegex(@"^(?<sign>[+-]?)(?<digits>[0-9]+\.?[0-9]*|\.[0-9]+)"
        + @"(?:(?:[eE]|\s*(?:×|\\times|\\cdot)\s*10\^)\{?(?<exponent>[+-]?[0-9]+)\}?)?$")]
    private static partial Regex Number();

    [GeneratedRegex("(e[+-])0([0-9]{2})$")]
    private static partial Regex ThirdDigit();
}
