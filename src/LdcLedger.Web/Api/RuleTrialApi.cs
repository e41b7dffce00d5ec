using System.Text;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <summary>A run that the rule asks for and the study lacks.</summary>
/// <param name="Seconds">About, by what the study's runs took; null where none of them is like it.</param>
/// <param name="By">Which runs tell it.</param>
public sealed record PricedRunAnswer(
    Guid Id, string Model, string Domain, string Role, string Tuning, int Seed, double? Seconds, double? TokensPerSecond, string? By);

/// <summary>What would follow from a rule.</summary>
/// <param name="Rule">With the version that it has, or would get.</param>
/// <param name="IsKnown">Whether a rule of this ledger says the same.</param>
/// <param name="Against">The study's own rule, NAME@VERSION.</param>
/// <param name="Targets">The runs of stage 2 that would be others: A under the study's own rule, B under the one that is tried.</param>
/// <param name="KnownRuns">That it asks for, and the study has.</param>
/// <param name="Seconds">Of all missing runs, one after another; null where one is unknown.</param>
public sealed record RuleTrialAnswer(
    StudyPosition At, RuleAnswer Rule, bool IsKnown, string Against, IReadOnlyList<RankingDiff> Rankings,
    IReadOnlyList<TargetAnswer> Targets, IReadOnlyList<RunSummary> KnownRuns, IReadOnlyList<PricedRunAnswer> MissingRuns, double? Seconds);

/// <summary>What is answered of a rule that is only tried.</summary>
internal sealed class RuleTrialApi(HeavyWork work)
{
    public async Task<RuleTrialAnswer> TryAsync(View view)
    {
        var text = await TextAsync(view);
        var study = await view.StudyAsync(depth: StudyDepth.All);
        var trial = await RuleTrial.OfAsync(view, study, text, work);
        var diff = trial.Diff;
        return new(
            StudyPosition.Of(study), RuleAnswer.Of(trial.Rule), trial.Known is not null, diff.A.Reference, diff.Rankings,
            [.. diff.Targets.Select(t => new TargetAnswer(t.Model, t.Domain, t.Role, t.A.Text, t.B.Text))], diff.KnownRuns,
            [.. trial.Costs.Select(cost => new PricedRunAnswer(
                cost.Run.Id, cost.Run.Model, cost.Run.Domain, cost.Run.Role, cost.Run.Tuning.Text, cost.Run.Seed, cost.Seconds,
                cost.TokensPerSecond, cost.By))],
            RunCost.Total(trial.Costs));
    }

    private static async Task<string> TextAsync(View view)
    {
        if (view.Request.HasFormContentType)
            throw new BadQuery("A rule is sent as it is, the body of the request being its text: not as a form.");
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(await view.SentAsync());
        }
        catch (DecoderFallbackException)
        {
            throw new BadQuery("What was sent is not UTF-8, which a rule is written in.");
        }
    }
}
