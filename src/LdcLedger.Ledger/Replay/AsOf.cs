using System.Globalization;
using System.Text.RegularExpressions;
using LdcLedger.Domain;
using LdcLedger.Ledger.Chain;

namespace LdcLedger.Ledger.Replay;

/// <summary>
/// An earlier moment, as somebody names it: a position of a study (the number of its events), or a time. A time means the study's last
/// event in ledger order that is not later; all that stands before that one counts, whatever the clock said when it was recorded.
/// </summary>
public sealed partial record AsOf
{
    private AsOf(long? position, DateTimeOffset? time) => (Position, Time) = (position, time);

    /// <summary>From 1 on; null where a time is named.</summary>
    public long? Position { get; }

    /// <summary>Null where a position is named.</summary>
    public DateTimeOffset? Time { get; }

    public static AsOf At(long position) => new(position, null);

    public static AsOf At(DateTimeOffset time) => new(null, time);

    /// <summary>A whole number is a position; anything else a time in ISO 8601, in UTC where it names no zone.</summary>
    /// <exception cref="RuleViolation">It is neither.</exception>
    public static AsOf Parse(string text)
    {
        if (text.Length > 0 && text.All(char.IsAsciiDigit))
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position > 0
                ? At(position)
                : throw new RuleViolation($"Position {text} is none; a study's positions are 1, 2, 3, ...: the number of its events.");
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var iso = text.Replace(" UTC", "Z", StringComparison.Ordinal);
        if (IsoTime().IsMatch(text) && DateTimeOffset.TryParse(iso, CultureInfo.InvariantCulture, utc, out var time))
            return At(time);
        throw new RuleViolation(
            $"'{text}' is no moment; allowed are a position of the study, such as 41, "
            + "or a time, such as 2026-11-25T15:30:00Z (without a zone it is UTC).");
    }

    public override string ToString() =>
        Time is { } time ? Text(time) : string.Create(CultureInfo.InvariantCulture, $"position {Position}");

    /// <summary>A time with the microseconds that the ledger keeps, so that it can be given back as it is.</summary>
    public static string Text(DateTimeOffset time) => EventLine.Text(time);

    [GeneratedRegex("^[0-9]{4}(?:-[0-9]{2}){2}"
        + @"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,7})?)?(?: ?Z| UTC|[+-][0-9]{2}:[0-9]{2})?)?$")]
    private static partial Regex IsoTime();
}

/// <summary>A moment of a study, found in the ledger.</summary>
/// <param name="Position">Number of the study's events up to it.</param>
/// <param name="Of">Number of its events by now.</param>
/// <param name="Time">Of the last of them.</param>
/// <param name="Sequence">Its place in the whole ledger; of this ledger alone.</param>
public sealed record StudyMoment(Guid StudyId, long Position, long Of, DateTimeOffset Time, long Sequence)
{
    /// <summary>For instance: position 41 of 97, 2026-11-25T15:30:00.000000Z.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"position {Position} of {Of}, {AsOf.Text(Time)}");
}
