using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Specs;
using LdcLedger.Specs.Plans;

namespace LdcLedger.Cli.Rules;

/// <summary><c>ldc rules diff A B STUDY</c>: what would be other if B ranked a study's layers instead of A.</summary>
internal static class RulesDiff
{
    private static readonly Argument<string> RuleA = new("A") { Description = $"The rule to compare with: {RuleArguments.Meaning}." };
    private static readonly Argument<string> RuleB = new("B") { Description = "The other rule, likewise." };
    private static readonly Option<bool> Plan = new("--plan")
    {
        Description = "List the runs that B asks for and the study lacks, with their estimated time on this machine.",
    };
    private static readonly Option<string> Device = new("--device")
    {
        Description = "With --plan: where they would train: cpu (default), cpu:torch, cuda or cuda:N.",
        HelpName = "D", DefaultValueFactory = _ => "cpu",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "diff",
        """
        Compare a study's rankings under two rules: rank correlation, overlap of the top layers, stage-2 runs that would be others.
        Kendall's tau-b is of the scores: 1 where both rules put all layers into one order, -1 where into opposite ones.
        `ldc study extend STUDY --rule B` trains the runs that are missing under B, and no others.
        """,
        Run, RuleA, RuleB, StudyShow.Study, AsOfOption.OfStudy, Plan, Device, Json)
    {
        Examples =
        [
            "ldc rules diff block-sum component-frobenius demo",
            "ldc rules diff block-sum mine@2 demo --plan --json | jq .missing_runs",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var book = await ledger.Rules.BookAsync(cancellation);
        var (a, b) = (RuleNames.Find(book, arguments.GetValue(RuleA)!), RuleNames.Find(book, arguments.GetValue(RuleB)!));
        var facts = await ledger.FactsAsync(
            arguments.GetValue(StudyShow.Study)!, AsOfOption.Of(arguments), cancellation, [a, b]);
        foreach (var rule in (AggregationRule[])[a, b])
            StudyPlan.CheckEpoch(facts.Study.Spec, rule);
        facts.CheckMeasured();
        var diff = RuleDiff.Of(facts, a, b);
        var estimates = arguments.GetValue(Plan) && diff.MissingRuns.Count > 0
            ? RunEstimates.Of(facts.Study, diff.MissingRuns, arguments.GetValue(Device)!, cancellation) : null;
        if (arguments.GetValue(Json))
            PrintJson(facts, diff, estimates);
        else
            Print(facts, diff, arguments.GetValue(Plan), estimates);
        return ExitCodes.Done;
    }

    private static void Print(StudyFacts facts, RuleDiff diff, bool plan, RunEstimates? estimates)
    {
        var tops = facts.Study.Spec.Stage2.Top;
        var rankings = new TextTable(
            ["model", "domain", "group", "rule", ">tau-b", .. tops.Select(k => $">top {k}"), "layers, best first"]);
        foreach (var row in diff.Rankings)
        {
            rankings.Add([row.Model, row.Domain, row.Group, diff.A.Reference,
                row.TauB?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-",
                .. tops.Select(k => row.Overlaps.FirstOrDefault(o => o.K == k) is { } o ? $"{o.Shared}/{k}" : "-"), Layers(row.A, row)]);
            rankings.Add(["", "", "", diff.B.Reference, "", .. tops.Select(_ => ""), Layers(row.B, row)]);
        }
        Screen.Print(rankings);
        Screen.Print("");
        if (diff.Targets.Count == 0)
            Screen.Print("No stage-2 run would be another one.");
        else
        {
            var targets = new TextTable("model", "domain", "run that would be another one", diff.A.Reference, diff.B.Reference);
            foreach (var t in diff.Targets)
                targets.Add(t.Model, t.Domain, t.Role, string.Join(' ', t.A.Layers), string.Join(' ', t.B.Layers));
            Screen.Print(targets);
        }
        Screen.Print("");
        Screen.Print(diff.MissingRuns.Count == 0
            ? $"The study has every run that {diff.B.Reference} asks for."
            : $"Missing: {Plural.Of(diff.MissingRuns.Count, "run")} that {diff.B.Reference} asks for"
                + (plan ? ":" : $": --plan lists them, `ldc study extend {facts.Study.Name} --rule {diff.B.Reference}` trains them."));
        if (estimates is not null)
            PrintPlan(estimates);
    }

    private static void PrintPlan(RunEstimates estimates)
    {
        var table = new TextTable("run", "model", "domain", "role", "layers", ">seed", ">about");
        foreach (var (run, seconds) in estimates.Runs)
            table.Add(
                NameBasedGuid.Short(run.Id), run.Model, run.Domain, run.Role, string.Join(' ', run.Tuning.Layers),
                run.Seed.ToString(CultureInfo.InvariantCulture), seconds is { } s ? PlanTables.Time(s) : "unknown");
        Screen.Print(table);
        Screen.Print(estimates.Seconds is { } all
            ? $"About {PlanTables.Time(all)} in all on {estimates.Speed.Sentence()}."
            : estimates.Speed.Absence is { } absence ? $"The time of all is unknown: {absence}"
            : "The time of all is unknown until this is here: "
                + string.Join(", ", estimates.Missing.Select(m => $"{m.Needs} at {m.Place}")) + ".");
    }

    private static string Layers(IReadOnlyList<LayerScore> ranked, RankingDiff row) =>
        ranked.Count > 0 ? string.Join(' ', ranked.Select(l => l.Layer)) : $"- ({row.Missing})";

    private static void PrintJson(StudyFacts facts, RuleDiff diff, RunEstimates? estimates)
    {
        var seconds = estimates?.Runs.ToDictionary(r => r.Run.Id, r => r.Seconds);
        Screen.PrintJson(new
        {
            study = facts.Study.Id, facts.Position, facts.Root,
            a = new { reference = diff.A.Reference, hash = diff.A.Hash, rule = diff.A },
            b = new { reference = diff.B.Reference, hash = diff.B.Hash, rule = diff.B },
            diff.Rankings,
            targets = diff.Targets.Select(t => new { t.Model, t.Domain, t.Role, a = t.A.Text, b = t.B.Text }),
            missing_runs = diff.MissingRuns.Select(m => new
            {
                m.Id, m.Model, m.Domain, m.Role, tuning = m.Tuning.Text, m.Seed, seconds = seconds?.GetValueOrDefault(m.Id),
            }),
            estimated_seconds = estimates?.Seconds,
            device = estimates?.Speed.Device,
        });
    }
}
