namespace LdcLedger.Worker.Reproductions;

/// <summary>A value that is not what was recorded, or is there on one side only.</summary>
/// <param name="Recorded">Null where the ledger has none.</param>
/// <param name="Found">Null where training again gave none.</param>
public sealed record Difference(string Place, string? Recorded, string? Found);

/// <summary>How far one value lies from the recorded one, relative to it.</summary>
public sealed record Deviation(string Place, double Relative);

/// <summary>A run's recorded values against those that it gave when it was trained again.</summary>
/// <param name="Compared">How many were compared, by what they are of.</param>
/// <param name="Differences">Beyond the tolerance, in the order of the facts; empty where the run was reproduced.</param>
/// <param name="Largest">The largest deviation of all, within the tolerance or not; null where every value is equal.</param>
public sealed record RunComparison(
    Tolerance Tolerance, IReadOnlyDictionary<Quantity, int> Compared, IReadOnlyList<Difference> Differences, Deviation? Largest)
{
    public int Values => Compared.Values.Sum();

    public bool IsReproduced => Differences.Count == 0;

    public static RunComparison Of(
        IReadOnlyList<MeasuredValue> recorded, IReadOnlyList<MeasuredValue> found, Tolerance tolerance)
    {
        var again = found.ToDictionary(value => value.Place);
        var differences = new List<Difference>();
        var largest = (Deviation?)null;
        var compared = new SortedDictionary<Quantity, int>();
        foreach (var value in recorded)
        {
            if (!again.Remove(value.Place, out var other))
            {
                differences.Add(new(value.Place, value.Text, null));
                continue;
            }
            if (value.Quantity == Quantity.Bytes && !tolerance.ComparesBytes)
                continue;
            compared[value.Quantity] = compared.GetValueOrDefault(value.Quantity) + 1;
            if (value.Text == other.Text)
                continue;
            var relative = value.Quantity == Quantity.Bytes ? double.NaN : Math.Abs(other.Number - value.Number) / Math.Abs(value.Number);
            if (relative > (largest?.Relative ?? 0))
                largest = new(value.Place, relative);
            if (!(relative <= Allowed(value.Quantity, tolerance)))
                differences.Add(new(value.Place, value.Text, other.Text));
        }
        differences.AddRange(
            from value in found
            where again.ContainsKey(value.Place)
            select new Difference(value.Place, null, value.Text));
        return new(tolerance, compared, differences, largest);
    }

    private static double Allowed(Quantity quantity, Tolerance tolerance) => quantity switch
    {
        Quantity.Count or Quantity.Bytes => 0,
        Quantity.WeightNorm => tolerance.WeightNorm,
        Quantity.Nats => tolerance.Nats,
        Quantity.UpdateNorm => tolerance.UpdateNorm,
        _ => throw new InvalidOperationException($"Values of the quantity {quantity} have no tolerance."),
    };
}
