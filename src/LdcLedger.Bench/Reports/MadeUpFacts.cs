using System.Security.Cryptography;
using System.Text;
using LdcLedger.Bench.Ledgers;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;

namespace LdcLedger.Bench.Reports;

/// <summary>A finished study's facts, folded from made-up events as a ledger would fold them, stage 2 included.</summary>
internal static class MadeUpFacts
{
    public static StudyFacts Of(int models, int domains, int seeds, int layers)
    {
        var rule = AggregationRule.BlockSum;
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var (study, planned) = MadeUpStudy.Of("bench", models, domains, seeds, layers, epochs: 3);
        var progress = StudyProgress.Evolve(null, study, at)!;
        List<RunSummary> runs = [];
        List<RunPerplexity> perplexities = [];
        List<RunNorms> norms = [];
        var losses = new RunLossesBuilder();
        long events = 1;
        foreach (var run in planned)
            Fold(run);
        var all = norms.Where(n => n.Role == Regimes.All).ToLookup(n => (n.Model, n.Domain));
        foreach (var model in study.Models)
            foreach (var domain in study.Domains)
                foreach (var run in Stage2Plan.For(study.StudyId, model.Name, domain.Name, rule, study.Spec.Stage2, study.Spec.Seeds,
                    [.. all[(model.Name, domain.Name)]]).Runs)
                    Fold(StudyPlan.Targeted(study, model.Name, domain.Name, run));
        return StudyFacts.InOrder(
            progress.Summary, runs, norms, perplexities, losses.Losses(), [], events,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("bench"))), at.AddHours(3));

        void Fold(RunPlanned run)
        {
            var summary = (RunSummary?)null;
            var perplexity = (RunPerplexity?)null;
            var measured = new RunNormsBuilder();
            IReadOnlyList<ILedgerEvent> facts =
                [run, new RunClaimed(run.StudyId, run.RunId, 1, "bench", MadeUpStudy.Machine), .. MadeUpStudy.Facts(run, 1)];
            foreach (var (i, fact) in facts.Index())
            {
                if (fact is LayerNormMeasured norm)
                    measured.Add(norm);
                if (fact is EpochCompleted epoch)
                    losses.Add(epoch);
                summary = RunSummaryFold.Evolve(summary, fact, at.AddSeconds(i));
                perplexity = RunPerplexityFold.Evolve(perplexity, fact);
            }
            events += facts.Count;
            runs.Add(summary!);
            perplexities.Add(perplexity!);
            if (measured.Norms() is { } gathered)
                norms.Add(gathered);
        }
    }
}
