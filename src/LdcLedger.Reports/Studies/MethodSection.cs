using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Stage2;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>What was done and what the numbers mean, with the equations of the rule in force.</summary>
internal static class MethodSection
{
    private static readonly Formula Update = Formula.Letter("ΔW");
    private static readonly Formula Layer = Formula.Letter("l");
    private static readonly Formula Projection = Formula.Letter("p");
    private static readonly Formula Comma = Formula.Letter(",");
    private static readonly Formula Is = Formula.Operator("=");
    private static readonly Formula Minus = Formula.Operator("−");

    public static ReportSection Of(StudyFacts facts, AggregationRule rule, Numbering numbering) => new("method", "Method",
        [
            .. Updates(facts.Study.Spec, numbering),
            .. Scores(rule, "", facts.Study.Spec.Seeds.Count, numbering),
            .. Stages(facts.Study.Spec, rule),
            .. Perplexity(facts.Study.Spec, rule, numbering),
        ],
        []);

    /// <summary>How a rule scores a layer.</summary>
    /// <param name="prefix">Of the equations' names.</param>
    public static IReadOnlyList<ReportBlock> Scores(AggregationRule rule, string prefix, int seeds, Numbering numbering)
    {
        var measure = Measure.Rows[rule.Measure];
        var scope = RuleScope.Rows[rule.Over];
        var combination = Combination.Rows[rule.Combine];
        var m = Formula.Sub(Formula.Letter("m"), At(Projection));
        var epoch = rule.Epoch is { } e ? string.Create(CultureInfo.InvariantCulture, $"epoch {e}") : "the last epoch";
        var measured = EquationOf($"{prefix}measure", numbering, Formula.Row(
            m, Is, measure.Formula(Formula.Sub(Update, At(Projection)), Formula.Sub(Formula.Letter("W"), At(Projection)))));
        var blocks = new List<ReportBlock>
        {
            new Paragraph(
                $"Rule {rule.Reference} measures projection p of layer l by {measure.Words} after {epoch} ({measure.Unit})"
                + (measure.Needs == "shape" ? "; W has d_out rows and d_in columns:" : ":")),
            measured,
        };
        var value = Formula.Sub(Formula.Letter("u"), At(RuleFormulas.Group));
        var score = Formula.Sub(Formula.Letter("s"), At(RuleFormulas.Group));
        var single = Formula.Sub(Formula.Letter("u"), At(Projection));
        var several = seeds > 1;
        var overSeeds = SeedCombination.Rows[rule.Seeds];
        blocks.Add(new Paragraph(
            $"The score of layer l in group g is {scope.Score(measure, combination)}"
            + (several ? $", {overSeeds.Words}" : "") + ":"));
        // A unit is combined over seeds before layers are scored: a block as a whole, a component by itself.
        IReadOnlyList<Formula> equations = (scope.IsBlock, several) switch
        {
            (true, true) =>
                [Formula.Row(value, Is, scope.Formula(combination, m)), Formula.Row(score, Is, overSeeds.Formula(Seeded(value)))],
            (false, true) =>
                [Formula.Row(single, Is, overSeeds.Formula(Seeded(m))), Formula.Row(score, Is, scope.Formula(combination, single))],
            (_, false) => [Formula.Row(score, Is, scope.Formula(combination, m))],
        };
        blocks.AddRange(equations.Select((equation, i) => EquationOf(
            i == equations.Count - 1 ? $"{prefix}score" : $"{prefix}unit", numbering, equation)));
        return blocks;

        static Formula Seeded(Formula of) => Formula.Super(of, Formula.Brackets(RuleFormulas.Seed));
    }

    private static IEnumerable<ReportBlock> Updates(StudySpec spec, Numbering numbering)
    {
        var methods = Regimes.MethodsOf(spec.Regimes);
        foreach (var (method, i) in methods.Select((method, i) => (method, i)))
        {
            var (words, update) = UpdateBy(method, spec.Lora);
            yield return new Paragraph(
                (i == 0 ? "Every run starts from the pretrained model. " : "")
                + (methods.Count == 1 ? "It trains " : i == 0 ? "A tuning trains " : "A tuning in full trains ") + words);
            yield return EquationOf(i == 0 ? "update" : "update-in-full", numbering, Formula.Row(Update, Is, update));
        }
        if (BaseWords.Of(spec) is { } sentence)
            yield return new Paragraph(sentence);
        yield return new Paragraph("After every epoch the Frobenius norm of the update is computed in double precision, projection by "
            + "projection:");
        yield return EquationOf("norm", numbering, Formula.Row(
            RuleFormulas.Norm(Update), Is,
            Formula.Root(Formula.Row(
                Formula.Total("Σ", Formula.Row(Formula.Letter("i"), Comma, Formula.Letter("j"))),
                new Scripts(Update, Formula.Letter("ij"), Formula.Number("2"))))));
    }

    /// <summary>What a run trains, after "it trains", and the update that comes of it.</summary>
    private static (string Words, Formula Update) UpdateBy(TuningMethod method, LoraSpec lora) => method switch
    {
        TuningMethod.Lora => (
            "low-rank adapters (LoRA) beside its projections, whose weights W stay as they are. With rank "
            + $"r = {lora.Rank}, α = {Numbers.Plain(lora.Alpha)} and the trained factors B and A, a projection’s update is",
            Formula.Row(Formula.Over(Formula.Letter("α"), Formula.Letter("r")), Formula.Letter("B"), Formula.Letter("A"))),
        TuningMethod.Full => (
            "the weights of its projections themselves. A projection’s update is the difference from the weight W before training:",
            Formula.Row(Formula.Sub(Formula.Letter("W"), Formula.Word("tuned")), Minus, Formula.Letter("W"))),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "This is not a tuning method."),
    };

    private static IEnumerable<ReportBlock> Stages(StudySpec spec, AggregationRule rule)
    {
        var groups = Plural.List([.. Regimes.Groups.Select(Regimes.Group)
            .Select(g => $"{g.Words} ({string.Join(", ", g.Projections)})")]);
        var targeted = Stage2Decision.HasStage2(spec);
        yield return new Paragraph(
            $"The groups are {groups}. "
            + (spec.Regimes.Contains(Regimes.All)
                ? $"A group’s layers are ranked by their scores in {Regimes.FullRun}, over all seeds. "
                    + $"{TieBreak.Rows[rule.Ties].Sentence} " : "")
            + (targeted
                ? $"Stage 2 tunes a group’s projections in its {Highest(spec.Stage2.Top)} only{ByWhat(spec)}: "
                    + "the highest-ranked layer alone is a soloist, several are an ensemble." : ""));

        static string ByWhat(StudySpec spec) =>
            Regimes.MethodsOf(spec.Regimes).Contains(TuningMethod.Full) ? ", by LoRA" : "";

        static string Highest(IReadOnlyList<int> tops) => tops is [1] ? "highest-ranked layer"
            : $"{Plural.List([.. tops.Select(k => k.ToString(CultureInfo.InvariantCulture))])} highest-ranked layers";
    }

    private static IEnumerable<ReportBlock> Perplexity(StudySpec spec, AggregationRule rule, Numbering numbering)
    {
        var perplexity = RuleFormulas.Perplexity;
        var token = Formula.Sub(Formula.Letter("x"), Formula.Letter("t"));
        var before = Formula.Sub(Formula.Letter("x"), Formula.Row(Formula.Letter("<"), Formula.Letter("t")));
        yield return new Paragraph(
            $"A share of {Numbers.Percent(spec.Data.HeldOut)} of each corpus is held out, by the hash of each record, and never "
            + $"trained on. On it, "
            + $"perplexity is computed over all N scored tokens, each predicted from those before it in a window of "
            + $"{spec.Evaluation.Length} "
            + $"tokens that moves by {spec.Evaluation.Stride}:");
        yield return EquationOf("perplexity", numbering, Formula.Row(
            perplexity, Is, Formula.Word("exp"), Formula.Brackets(Formula.Row(
                Minus, Formula.Over(Formula.Number("1"), Formula.Letter("N")),
                Formula.Total("Σ", Formula.Row(Formula.Letter("t"), Is, Formula.Number("1")), Formula.Letter("N")),
                Formula.Word("ln"), Formula.Letter("p"),
                Formula.Brackets(Formula.Row(token, Formula.Letter("|"), before))))));
        var normalisation = Normalisation.Rows[rule.Perplexity];
        yield return new Paragraph($"{normalisation.Sentence.TrimEnd('.')}; higher is better:");
        yield return EquationOf("normalised", numbering, Formula.Row(Formula.Letter("n"), Is, normalisation.Formula));
        if (spec.Regimes.Contains(Regimes.All))
        {
            yield return new Paragraph(
                "What a tuning keeps of the gain of tuning both groups in every layer is the share of the fall in nats per token:");
            yield return EquationOf("kept", numbering, Formula.Row(
                Formula.Letter("κ"), Is, Formula.Over(
                    Formula.Row(Log(RuleFormulas.Pretrained), Minus, Log(perplexity)),
                    Formula.Row(Log(RuleFormulas.Pretrained), Minus,
                        Log(Formula.Sub(perplexity, Formula.Word(Regimes.Rows[Regimes.All].Title)))))));
        }
        if (spec.Seeds.Count < 2)
            yield break;
        yield return new Paragraph(
            "Of K seeds, the 95 % interval of the mean nats per token is that of Student’s t distribution with K − 1 degrees of "
            + "freedom, where d is the standard deviation over seeds; its ends are printed as perplexities, which are 1 at least:");
        yield return EquationOf("interval", numbering, Formula.Row(
            Log(perplexity), Formula.Operator("±"),
            Formula.Sub(Formula.Letter("t"), Formula.Row(
                Formula.Number("0.975"), Comma, Formula.Letter("K"), Minus, Formula.Number("1"))),
            Formula.Over(Formula.Letter("d"), Formula.Root(Formula.Letter("K")))));
    }

    private static Equation EquationOf(string name, Numbering numbering, Formula formula) =>
        new(name, numbering.NextEquation(name), formula);

    private static Formula Log(Formula of) => Formula.Row(Formula.Word("ln"), of);

    private static Formula At(Formula place) => Formula.Row(Layer, Comma, place);
}
