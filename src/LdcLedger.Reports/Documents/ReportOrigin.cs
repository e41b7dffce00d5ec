using System.Text.Json;
using System.Text.Json.Serialization;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;

namespace LdcLedger.Reports.Documents;

/// <summary>
/// What a report was built of, which its files say in their own metadata: of this, anyone who holds the ledger makes the same file again.
/// </summary>
/// <param name="Position">Number of the study's events, in ledger order.</param>
/// <param name="Root">RFC 6962 root over them, lower-case hexadecimal.</param>
/// <param name="Rules">Whole, since rules stay in the ledger that they were defined in; the first is the report's main one.</param>
/// <param name="LdcVersion">Of the program that built it.</param>
/// <param name="Fonts">What it is set in, and measured with.</param>
/// <param name="TablesSha256">Over the lines that <c>sha256sum</c> prints for the tables in full precision (CSV), sorted by path.</param>
public sealed record ReportOrigin(
    Guid Study, long Position, string Root, IReadOnlyList<AggregationRule> Rules, string LdcVersion, IReadOnlyList<ReportFont> Fonts,
    string TablesSha256)
{
    /// <summary>The form of the text. A later form has another number.</summary>
    public const string Format = "ldcledger-report/1";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
    };

    /// <summary>One line of ASCII.</summary>
    /// <param name="engine">What draws the file, and its version: <c>SkiaSharp 3.119.4</c>.</param>
    public string Text(string engine) => JsonSerializer.Serialize(
        new Stored(
            Format, Study, Position, Root, [.. Rules.Select(r => new StoredRule(r.Reference, r.Hash, r))], LdcVersion, engine, Fonts,
            TablesSha256),
        Json);

    /// <summary>What <see cref="Text"/> wrote.</summary>
    /// <exception cref="FormatException">It is none, or of a later form; the message ends a sentence.</exception>
    public static (ReportOrigin Origin, string Engine) Read(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<StoredFormat>(text, Json)?.Format is not Format and var format)
                throw new FormatException($"is of the form '{format}', and this ldc reads {Format}: install the ldc that made it");
            var stored = JsonSerializer.Deserialize<Stored>(text, Json)!;
            if (stored.Position < 1 || !IsSha256(stored.Root) || stored.Rules.Count == 0)
                throw new FormatException(
                    $"names position {stored.Position}, root '{stored.Root}' and {Plural.Of(stored.Rules.Count, "rule")}; "
                    + "a position from 1 on, a SHA-256 and a rule are needed");
            foreach (var stated in stored.Rules)
                if (stated.Rule.Hash != stated.Sha256 || stated.Rule.Reference != stated.Reference)
                    throw new FormatException($"contradicts itself about rule {stated.Reference}: {stated.Sha256} is not its hash");
                else
                    Known(stated.Rule);
            return (
                new(stored.Study, stored.Position, stored.Root, [.. stored.Rules.Select(r => r.Rule)], stored.Ldc, stored.Fonts,
                    stored.TablesSha256),
                stored.Engine);
        }
        catch (Exception wrong) when (wrong is JsonException or RuleViolation)
        {
            throw new FormatException("cannot be read: it was changed", wrong);
        }
    }

    // Whoever computes by the rule may rely on its words.
    private static void Known(AggregationRule rule) =>
        _ = (Measure.Rows[rule.Measure], RuleScope.Rows[rule.Over], Combination.Rows[rule.Combine], SeedCombination.Rows[rule.Seeds],
            TieBreak.Rows[rule.Ties], Normalisation.Rows[rule.Perplexity]);

    private static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    private sealed record StoredFormat(string? Format);

    private sealed record Stored(
        [property: JsonRequired] string Format, [property: JsonRequired] Guid Study, [property: JsonRequired] long Position,
        [property: JsonRequired] string Root, [property: JsonRequired] IReadOnlyList<StoredRule> Rules,
        [property: JsonRequired] string Ldc, [property: JsonRequired] string Engine,
        [property: JsonRequired] IReadOnlyList<ReportFont> Fonts, [property: JsonRequired] string TablesSha256);

    private sealed record StoredRule(
        [property: JsonRequired] string Reference, [property: JsonRequired] string Sha256, [property: JsonRequired] AggregationRule Rule);
}

/// <summary>A font that a report needs.</summary>
/// <param name="Name">Of the font's file where it comes with ldc, else its family.</param>
public sealed record ReportFont(string Name, string Sha256);
