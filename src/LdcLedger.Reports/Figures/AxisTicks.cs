using System.Globalization;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Figures;

/// <summary>Where an axis has ticks, from its first value to its last, and what stands at them.</summary>
/// <param name="Low">Where the drawn axis begins.</param>
/// <param name="High">Where it ends, with room for a marker.</param>
internal sealed record AxisTicks(double Low, double High, IReadOnlyList<double> Positions, IReadOnlyList<string> Labels)
{
    // The axis ends so far beyond the outermost points, for their markers.
    private const double Headroom = 0.07;

    public static AxisTicks Of(ChartAxis axis) => axis.Scale switch
    {
        AxisScale.Whole => Whole((int)axis.Low, (int)axis.High),
        AxisScale.Ranks => Whole((int)axis.Low, (int)axis.High).TurnedOver(),
        AxisScale.Linear => Linear(axis.Low, axis.High),
        AxisScale.Logarithmic => Logarithmic(axis.Low, axis.High),
    };

    private AxisTicks TurnedOver() => this with { Low = High, High = Low };

    /// <summary>Where a value lies on the axis, 0 at its beginning and 1 at its end.</summary>
    public double Share(ChartAxis axis, double value) => axis.Scale == AxisScale.Logarithmic
        ? PortableMath.Log(value / Low) / PortableMath.Log(High / Low)
        : (value - Low) / (High - Low);

    /// <summary>Whole numbers, at most twelve of them, multiples of a step that counts well.</summary>
    private static AxisTicks Whole(int first, int last)
    {
        var step = new[] { 1, 2, 3, 4, 5, 8, 10, 16, 20, 32, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000 }
            .First(s => (last - first) / s < 12);
        var start = (int)Math.Ceiling((double)first / step) * step;
        var positions = Enumerable.Range(0, (last - start) / step + 1).Select(i => (double)(start + i * step)).ToList();
        var room = 0.4 + 0.01 * (last - first);
        return new(first - room, last + room, positions, [.. positions.Select(p => p.ToString("0", CultureInfo.InvariantCulture))]);
    }

    /// <summary>Three to six steps of 1, 2, 2.5 or 5 times a power of ten; from 0 where the axis begins there.</summary>
    private static AxisTicks Linear(double low, double high)
    {
        if (!(high > low))
            (low, high) = low == 0 ? (0, 1) : (low - Math.Abs(low) / 10, low + Math.Abs(low) / 10);
        var span = high - low;
        var power = PortableMath.TenTo(PortableMath.Decade(span / 5));
        var step = new[] { 1, 2, 2.5, 5, 10 }.Select(s => s * power).First(s => span / s <= 5.5);
        var (from, to) = (low == 0 ? 0 : low - Headroom * span, high + Headroom * span);
        var first = Math.Ceiling(from / step - 1e-9);
        var positions = Enumerable.Range(0, (int)Math.Floor(to / step - first + 1e-9) + 1).Select(i => (first + i) * step).ToList();
        var format = Format(step, Math.Max(Math.Abs(from), Math.Abs(to)));
        return new(from, to, positions, [.. positions.Select(p => p.ToString(format, CultureInfo.InvariantCulture))]);
    }

    /// <summary>1, 2 and 5 of every decade; of many decades the powers alone.</summary>
    private static AxisTicks Logarithmic(double low, double high)
    {
        if (!(high > low))
            (low, high) = (low / 2, low * 2);
        var room = PortableMath.Pow(high / low, Headroom);
        var (from, to) = (low / room, high * room);
        var (first, last) = (PortableMath.Decade(from), PortableMath.Decade(to));
        double[] digits = last - first > 2 ? [1] : [1, 2, 5];
        var positions = Enumerable.Range(first, last - first + 1)
            .SelectMany(decade => digits.Select(digit => digit * PortableMath.TenTo(decade)))
            .Where(tick => tick >= from && tick <= to).ToList();
        return new(from, to, positions,
            [.. positions.Select(p => p.ToString(p is >= 1e5 or < 1e-4 ? "0e+00" : "0.######", CultureInfo.InvariantCulture))]);
    }

    private static string Format(double step, double largest)
    {
        if (step < 1e-4 || largest >= 1e6)
        {
            // As many digits as tell two ticks apart.
            var digits = PortableMath.Decade(largest) - PortableMath.Decade(step) + 1;
            return $"0.{new string('0', Math.Clamp(digits, 1, 15))}e+00";
        }
        var decimals = 0;
        while (decimals < 7 && Math.Abs(step * PortableMath.TenTo(decimals) - Math.Round(step * PortableMath.TenTo(decimals))) > 1e-6)
            decimals++;
        return decimals == 0 ? "0" : "0." + new string('0', decimals);
    }
}
