using CsCheck;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Tests.Replay;

/// <summary>A study of random size with random norms, many of them equal; some of its runs fail, some are not done.</summary>
internal sealed record RandomStudy(StudySubmitted Study, IReadOnlyList<RunPlanned> Runs, IReadOnlyList<ILedgerEvent> Facts)
{
    private static int Made;

    public static readonly Gen<AggregationRule> Rules =
        from measure in Gen.OneOfConst([.. Measure.Rows.Names])
        from over in Gen.OneOfConst([.. RuleScope.Rows.Names])
        from combine in Gen.OneOfConst([.. Combination.Rows.Names])
        from epoch in Gen.Int[0, 3]
        from seeds in Gen.OneOfConst([.. SeedCombination.Rows.Names])
        from ties in Gen.OneOfConst([.. TieBreak.Rows.Names])
        from perplexity in Gen.OneOfConst([.. Normalisation.Rows.Names])
        select new AggregationRule(
            "random", 1, measure, over, over == "block" ? combine : "sum", epoch == 0 ? null : epoch, seeds, ties, 2, perplexity);

    public static readonly Gen<RandomStudy> Any =
        from models in Gen.Int[1, 2]
        from domains in Gen.Int[1, 2]
        from seeds in Gen.Int[1, 3]
        from epochs in Gen.Int[1, 3]
        from failing in Gen.Int[0, 12]
        from random in Gen.Int
        select Of(models, domains, seeds, epochs, failing, new Random(random));

    private static RandomStudy Of(int models, int domains, int seeds, int epochs, int failing, Random random)
    {
        var (spec, resolvedModels, resolvedDomains, rule) = Samples.Asked(
            $"random {Interlocked.Increment(ref Made)}", models, domains, seeds, stage2: Stage2Spec.Default);
        var (study, runs) = StudyPlan.For(
            spec with { Training = spec.Training with { Epochs = epochs } }, resolvedModels, resolvedDomains, rule);
        var facts = runs.Select((run, i) => Facts(run, i == failing, i == failing + 1)).ToList();
        return new(study, runs, [study, .. runs, .. Interleaved(facts)]);

        IReadOnlyList<ILedgerEvent> Facts(RunPlanned run, bool fails, bool isOpen)
        {
            List<ILedgerEvent> of = [new RunClaimed(run.StudyId, run.RunId, 1, "w", Samples.Environment)];
            if (run.Stage > 0)
                of.AddRange(Enumerable.Range(1, run.Training.Epochs).SelectMany(epoch => Epoch(run, epoch)));
            if (fails)
                of.Add(new RunFailed(run.StudyId, run.RunId, 1, "the loss was NaN", 3, null));
            else if (!isOpen)
                of.AddRange(Samples.End(run));
            return of;
        }

        // Few different values, so that many layers are equal in one group and some in both.
        IEnumerable<ILedgerEvent> Epoch(RunPlanned run, int epoch) => Tuning.Parse(run.Tuning).Adapted.GroupBy(a => a.Layer).Select(layer =>
            new LayerNormMeasured(
                run.StudyId, run.RunId, run.Model, run.Domain, run.Role, run.Seed, epoch, layer.Key,
                [.. layer.Select(a => new ProjectionNorm(a.Projection, random.Next(1, 4) / 3.0, 1 + random.Next(2), 8, 1 + random.Next(2)))]));

        // As workers record them: each run in its own order, all of them mixed.
        IEnumerable<ILedgerEvent> Interleaved(List<IReadOnlyList<ILedgerEvent>> streams)
        {
            var left = streams.Select(s => new Queue<ILedgerEvent>(s)).ToList();
            while (left.Count > 0)
            {
                var one = left[random.Next(left.Count)];
                yield return one.Dequeue();
                if (one.Count == 0)
                    left.Remove(one);
            }
        }
    }
}
