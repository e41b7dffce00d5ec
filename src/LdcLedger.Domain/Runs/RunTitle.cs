using System.Globalization;

namespace LdcLedger.Domain.Runs;

/// <summary>How a run is called in a line for people: <c>tiny-llama / cpp / top-1-mlp / seed 1</c>.</summary>
public static class RunTitle
{
    /// <param name="seed">Null for a baseline, and where all runs have the same.</param>
    public static string Of(string model, string domain, string role, int? seed) =>
        $"{model} / {domain} / {role}" + (seed is { } s ? string.Create(CultureInfo.InvariantCulture, $" / seed {s}") : "");
}
