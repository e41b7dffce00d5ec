using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Imports;
using LdcLedger.Ledger.ReadModels;

namespace LdcLedger.Cli.Studies;

/// <summary><c>ldc study show STUDY</c>: where a study stands and what it has found so far.</summary>
internal static class StudyShow
{
    public static readonly Argument<string> Study = new("STUDY")
    {
        Description = "A study's id, an unambiguous prefix of it, or its name (the newest of that name).",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("show", "Show where a study stands and what it has found so far.", Run, Study, AsOfOption.OfStudy, Json)
    {
        Examples = ["ldc study show demo", "ldc study show 3f2a --json | jq .perplexities",
            "ldc study show demo --as-of 2026-11-25T15:30:00Z"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var asOf = AsOfOption.Of(arguments);
        var facts = await ledger.FactsAsync(arguments.GetValue(Study)!, asOf, cancellation);
        var note = await ledger.Store.ImportNoteAsync(facts.Study.Id, cancellation);
        // Leases are of this moment, and say nothing of another.
        var told = asOf is null ? await ledger.Queries.StandingAsync(facts.Study, cancellation) : new(facts.Study, null);
        var runs = asOf is null ? await ledger.Queries.StandingsAsync(facts.Runs, cancellation) : facts.Runs;
        var extensions = (await ledger.Past.ProgressAsync(facts.Study.Id, facts.Position, cancellation)).Rules.Skip(1).ToList();
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                told.Study,
                told.Why,
                facts.Position,
                facts.Root,
                facts.AsOf,
                imported = note,
                runs,
                extensions = extensions.Select(r => new { reference = r.Reference, rule = r }),
                perplexities = PerplexitiesOf(facts, facts.Study.Rule),
                rankings = RankingTable.WithStability(facts, facts.Study.Rule).Rows,
            });
        else
        {
            Print(facts, told, runs, extensions, note);
            ResultTables.Print(facts);
        }
        return ExitCodes.Done;
    }

    /// <summary>The perplexities under a rule as JSON has them.</summary>
    public static IEnumerable<object> PerplexitiesOf(StudyFacts facts, AggregationRule rule)
    {
        var table = PerplexityTable.Of(facts, rule);
        return table.Rows.Select(row => new
        {
            row.Model,
            row.Domain,
            cells = table.Columns.Zip(row.Cells).ToDictionary(
                c => c.First.Key,
                c => (object)new
                {
                    ppl = c.Second.Value?.Value, bits_per_byte = c.Second.Value?.BitsPerByte, c.Second.Normalised, c.Second.Best,
                    tuning = c.Second.Tuning?.Text, c.Second.Runs, c.Second.Note,
                }),
        });
    }

    private static void Print(
        StudyFacts facts, ToldStudy told, IReadOnlyList<RunSummary> runs, IReadOnlyList<AggregationRule> extensions, ImportNote? note)
    {
        var study = told.Study;
        (string Name, string Value)[] lines =
        [
            ("study", $"{study.Name}, {study.Status}{(told.Why is { } why ? $": {why}" : "")}"),
            .. study.FormerNames.Count == 0 ? [] : new[] { ("before", string.Join(", ", study.FormerNames)) },
            ("id", study.Id.ToString()),
            ("submitted", Time(study.SubmittedAt) + (study.EndedAt is { } ended ? $", ended {Time(ended)}" : "")),
            ("models", string.Join(", ", study.Models.Select(m => $"{m.Name} ({m.Architecture}, {Plural.Of(m.Layers, "layer")})"))),
            ("domains", string.Join(", ", study.Domains.Select(d =>
                $"{d.Name} ({Plural.Of(d.Records, "record")}, {d.HeldOutRecords} held out"
                + (d.SkippedRecords > 0 ? $", {d.SkippedRecords} skipped)" : ")")))),
            ("rule", study.Rule.Reference
                + (extensions.Count == 0 ? "" : $", extended by {string.Join(", ", extensions.Select(r => r.Reference))}")),
            ("position", $"{Plural.Of(facts.Position, "event")}, root {(facts.Root.Length > 16 ? facts.Root[..16] : facts.Root)}"),
            .. note is null ? [] : new[] { ("imported", ImportOf(note)) },
        ];
        foreach (var (name, value) in lines)
            Screen.Print($"{name,-10} {value}");
        Screen.Print("");
        var table = new TextTable(["stage", .. RunStatuses.All.Select(s => ">" + s)]);
        foreach (var (stage, title) in ((int, string)[])[(0, "baselines"), (1, "stage 1"), (2, "stage 2")])
            table.Add([title, .. RunStatuses.All.Select(s =>
                runs.Count(r => r.Stage == stage && r.Status == s).ToString(CultureInfo.InvariantCulture))]);
        Screen.Print(table);
        foreach (var run in runs.Where(r => r.Status is RunStatuses.Failed or RunStatuses.Abandoned))
            Screen.Print($"{run.Status}: {RunTitle.Of(run.Model, run.Domain, run.Role, run.Seed)}: {run.Reason}");
    }

    private static string ImportOf(ImportNote note) =>
        $"{Time(note.At)}, at position {note.Imported.Position}"
        + (note.AdoptedAt is { } at ? $"; goes on here since {Time(at)}" : "; at rest until `study run`, `run retry` or `study extend`");

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
}
