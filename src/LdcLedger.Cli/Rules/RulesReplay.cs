using System.CommandLine;
using System.Text;
using System.Text.Json;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Replay;
using LdcLedger.Reports;
using LdcLedger.Reports.Studies;
using LdcLedger.Specs;

namespace LdcLedger.Cli.Rules;

/// <summary>
/// <c>ldc rules replay RULE... STUDY</c>: a study's stored events read again under other rules; nothing is trained or changed.
/// </summary>
internal static class RulesReplay
{
    private const int GapsShown = 10;

    private static readonly Argument<string[]> RulesAndStudy = new("rules-and-study")
    {
        HelpName = "RULE... STUDY", Arity = new(2, 100),
        Description = $"Each RULE is {RuleArguments.Meaning}.\n"
            + "STUDY is its id, an unambiguous prefix of it, or its name (the newest of that name).",
    };
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Also write tables (CSV), figures and one JSON document to this folder.", HelpName = "DIR",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "replay",
        """
        Fold a study's stored events again under other rules: rankings, tables and figures, in one pass for all rules.
        Nothing is trained, and nothing that is recorded changes.
        """,
        Run, RulesAndStudy, AsOfOption.OfStudy, Out, Json)
    {
        Examples =
        [
            "ldc rules replay component-frobenius demo",
            "ldc rules replay mine@1 mine@2 block-sum demo --out replayed",
            "ldc rules replay mine demo --as-of 41",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var words = arguments.GetValue(RulesAndStudy)!;
        var wanted = arguments.GetValue(Out) is { } named ? OutFolder.At(named) : null;
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var book = await ledger.Rules.BookAsync(cancellation);
        IReadOnlyList<AggregationRule> rules = [.. words[..^1].Select(text => RuleNames.Find(book, text)).Distinct()];
        var (study, upTo) = await MomentAsync(ledger, words[^1], AsOfOption.Of(arguments), cancellation);
        foreach (var rule in rules)
            StudyPlan.CheckEpoch(study.Spec, rule);
        var facts = await new StudyReplay(ledger.Store).FactsAsync(study.Id, rules, upTo, cancellation);
        facts.CheckMeasured();

        var document = JsonOf(facts, rules);
        if (wanted is not null)
            Write(facts, rules, document, wanted, cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(document);
        else
            foreach (var rule in rules)
                Print(facts, rule);
        return ExitCodes.Done;
    }

    private static async Task<(StudySummary Study, long UpTo)> MomentAsync(
        OpenLedger ledger, string study, AsOf? asOf, CancellationToken cancellation)
    {
        if (asOf is null)
            return (await ledger.Queries.FindStudyAsync(study, cancellation), await ledger.Past.PresentAsync(cancellation));
        var then = await ledger.Past.FindStudyAsync(study, asOf, cancellation);
        AsOfOption.Say(then.Moment);
        return (then.Study, then.Moment.Sequence);
    }

    private static void Print(StudyFacts facts, AggregationRule rule)
    {
        Screen.Print("");
        Screen.Print(RuleWords.Definition(rule));
        ResultTables.Print(facts, rule);
        var gaps = RuleGap.In(facts, rule);
        foreach (var gap in gaps.Take(GapsShown))
            Screen.Print($"left out: {RunTitle.Of(gap.Run.Model, gap.Run.Domain, gap.Run.Role, gap.Run.Seed)}: {gap.What}");
        if (gaps.Count > GapsShown)
            Screen.Print($"left out: {Plural.Of(gaps.Count - GapsShown, "more run")}; --json names them all");
    }

    private static void Write(
        StudyFacts facts, IReadOnlyList<AggregationRule> rules, object document, string folder, CancellationToken cancellation)
    {
        var written = ReportFiles.Add(StudyReport.Build(facts, rules), folder, ["csv", "figures"], cancellation);
        ReportFiles.Write(folder, "replay.json", Encoding.UTF8.GetBytes(JsonSerializer.Serialize(document, Screen.Json) + "\n"));
        foreach (var file in written.Append("replay.json"))
            Screen.Say(Path.Combine(folder, file));
    }

    private static object JsonOf(StudyFacts facts, IReadOnlyList<AggregationRule> rules) => new
    {
        study = facts.Study.Id, facts.Position, facts.Root, as_of = facts.AsOf,
        rules = rules.Select(rule => new
        {
            reference = rule.Reference, hash = rule.Hash, rule, definition = RuleWords.Definition(rule),
            rankings = RankingTable.WithStability(facts, rule).Rows,
            aggregated_norms = AggregatedNormTable.Of(facts, rule).Select(t => new { t.Model, t.Rows }),
            perplexities = StudyShow.PerplexitiesOf(facts, rule),
            norms = NormFigure.Of(facts, rule).Select(f => new { f.Model, f.Domain, f.Lines }),
            lacking = RuleGap.In(facts, rule)
                .Select(g => new { run = g.Run.Id, g.Run.Model, g.Run.Domain, g.Run.Role, g.Run.Seed, g.What }),
        }),
    };
}
