using System.Globalization;

namespace LdcLedger.Domain.Norms;

/// <summary>How groups and targeted tunings are called in print.</summary>
public static class GroupTitles
{
    /// <summary>MLP or Attn.</summary>
    public static string Of(string group) => group switch
    {
        Regimes.Mlp => "MLP",
        Regimes.Attention => "Attn",
        _ => throw new RuleViolation($"'{group}' is no group; allowed are {string.Join(", ", Regimes.Groups)}."),
    };

    /// <summary>For instance <c>Top-3 MLP</c>.</summary>
    public static string Top(int k, string group) => string.Create(CultureInfo.InvariantCulture, $"Top-{k} {Of(group)}");
}
