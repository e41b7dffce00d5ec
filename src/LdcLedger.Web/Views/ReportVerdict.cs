using System.Security.Cryptography;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Ledger.Replay;
using LdcLedger.Reports;
using LdcLedger.Reports.Verification;

namespace LdcLedger.Web.Views;

/// <summary>A rule that a report was made under, as it says.</summary>
public sealed record StatedRule(string Reference, string Sha256);

/// <summary>What a report's file is to this ledger: `ldc report verify`.</summary>
/// <param name="IsSame">Whether it is what this ledger gives, byte for byte.</param>
/// <param name="Name">The study's, here.</param>
/// <param name="Ldc">The version that built it, as it says.</param>
/// <param name="Sha256">Of the file.</param>
public sealed record ReportVerdict(
    bool IsSame, Guid Study, string Name, long Position, string Root, IReadOnlyList<StatedRule> Rules, string Ldc, string Engine,
    string Sha256, IReadOnlyList<ReportDifference> Differences)
{
    /// <exception cref="RuleViolation">It is no report of ldc, or not one that this ledger can judge.</exception>
    public static Task<ReportVerdict> OfAsync(View view, SentFile sent, HeavyWork work) =>
        work.RunAsync(() => OfAsync(view, ReportFile.Read(sent.Bytes, sent.Name), sent.Name), view.Cancellation);

    private static async Task<ReportVerdict> OfAsync(View view, ReportFile file, string name)
    {
        var origin = file.Origin;
        var found = await new StatedStudy(name, origin.Study, origin.Position, origin.Root, origin.Rules).CompareAsync(
            view.Ledger.Store, view.Ledger.Now, view.Ledger.Past, view.LedgerRules, (kind, what) => new ReportDifference(kind, what),
            (facts, isOfSameEvents) => ReportCheck.Of(file, facts, isOfSameEvents), view.Cancellation);
        return new(
            found.Differences.Count == 0, origin.Study, found.Name, origin.Position, origin.Root,
            [.. origin.Rules.Select(rule => new StatedRule(rule.Reference, rule.Hash))], origin.LdcVersion, file.Engine,
            Convert.ToHexStringLower(SHA256.HashData(file.Bytes)), found.Differences);
    }
}
