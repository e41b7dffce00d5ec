namespace LdcLedger.Domain.Statistics;

/// <summary>
/// The bootstrap over a few repetitions (Efron 1979): what else could have come out, had other seeds been drawn from those that are there.
/// </summary>
public static class Bootstrap
{
    /// <summary>Up to so many values every resample is looked at; of more, there are too many, and <see cref="Draws"/> are drawn.</summary>
    public const int Exact = 6;

    /// <summary>Of 2,000 draws a probability is within 0.022 of the exact one, 19 times in 20.</summary>
    public const int Draws = 2_000;

    /// <summary>
    /// The resamples of <paramref name="count"/> values, with replacement: how often each value is in it, and how much the resample weighs.
    /// The same every time: up to <see cref="Exact"/> values it is the whole distribution, weights being numbers of orders to draw it in.
    /// </summary>
    /// <param name="count">1 or more.</param>
    public static IEnumerable<(IReadOnlyList<int> Counts, long Weight)> Resamples(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return count <= Exact ? All(count) : Drawn(count);
    }

    private static IEnumerable<(IReadOnlyList<int> Counts, long Weight)> All(int count)
    {
        var counts = new int[count];
        return From(0, count);

        IEnumerable<(IReadOnlyList<int>, long)> From(int place, int left)
        {
            if (place == count - 1)
            {
                counts[place] = left;
                yield return ([.. counts], counts.Aggregate(Factorial(count), (orders, c) => orders / Factorial(c)));
                yield break;
            }
            for (counts[place] = left; counts[place] >= 0; counts[place]--)
                foreach (var resample in From(place + 1, left - counts[place]))
                    yield return resample;
        }
    }

    private static IEnumerable<(IReadOnlyList<int> Counts, long Weight)> Drawn(int count)
    {
        var state = (ulong)count;
        for (var draw = 0; draw < Draws; draw++)
        {
            var counts = new int[count];
            for (var i = 0; i < count; i++)
                counts[(int)Math.BigMul(Next(ref state), (ulong)count, out _)]++;
            yield return (counts, 1);
        }
    }

    // SplitMix64 (Steele, Lea, Flood 2014): the same draws in every version of .NET.
    private static ulong Next(ref ulong state)
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    private static long Factorial(int of) => of <= 1 ? 1 : of * Factorial(of - 1);
}
