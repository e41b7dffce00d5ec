using System.CommandLine;
using System.Globalization;
using System.Text;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Reports;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.Replay;
using LdcLedger.Reports.Exports;

namespace LdcLedger.Cli.Exports;

/// <summary><c>ldc export norms|perplexities|rankings STUDY</c>: a study's numbers for other programs, as CSV or Parquet.</summary>
internal static class ExportVerbs
{
    private const string Csv = "csv", Parquet = "parquet";

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "The file to write, whole or not at all; without it, stdout. Its ending, .csv or .parquet, decides the format.",
        HelpName = "FILE",
    };
    private static readonly Option<string?> Format = new("--format")
    {
        Description = $"{Csv} or {Parquet}, whatever the file's ending (default: {Csv}).",
        HelpName = "F",
    };

    public static Verb Norms() => Of(
        "norms", "Every norm of every run: a row for each epoch, layer and projection.", (facts, _) => StudyTables.Norms(facts), []);

    public static Verb Perplexities() => Of(
        "perplexities", "The held-out evaluation of every run.", (facts, _) => StudyTables.Perplexities(facts), []);

    public static Verb Rankings() => Of(
        "rankings", "The layers of every model, domain and group, best first.",
        (facts, rules) => StudyTables.Rankings(facts, rules.Count > 0 ? rules : [facts.Study.Rule]),
        [ReportBuild.Rules]);

    private static Verb Of(
        string name, string description, Func<StudyFacts, IReadOnlyList<AggregationRule>, ExportTable> table, Option[] more) =>
        new(name,
            description + "\nNumbers are whole: they read back as the ledger has them. A Parquet file names study, position and root.",
            (arguments, cancellation) => Run(table, arguments, cancellation),
            [StudyShow.Study, AsOfOption.OfStudy, .. more, Out, Format])
        {
            Examples = [$"ldc export {name} demo > {name}.csv", $"ldc export {name} demo --out {name}.parquet"],
        };

    private static async Task<int> Run(
        Func<StudyFacts, IReadOnlyList<AggregationRule>, ExportTable> table, ParseResult arguments, CancellationToken cancellation)
    {
        var path = arguments.GetValue(Out);
        if (path is not null)
            OutFile.Check(path);
        var format = FormatOf(arguments.GetValue(Format), path);
        if (format == Parquet && path is null && !Console.IsOutputRedirected)
            throw new BadInputException("Parquet is no text for a terminal; --out names a file for it.");
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var rules = await ReportBuild.RulesOf(ledger, arguments, cancellation);
        var facts = await ledger.FactsAsync(arguments.GetValue(StudyShow.Study)!, AsOfOption.Of(arguments), cancellation, rules);
        var rows = table(facts, rules);
        if (path is not null)
            await OutFile.WriteAsync(path, file => Write(rows, facts, format, file));
        else
        {
            await using var output = Console.OpenStandardOutput();
            await Write(rows, facts, format, output);
        }
        return ExitCodes.Done;
    }

    private static async Task Write(ExportTable table, StudyFacts facts, string format, Stream to)
    {
        if (format == Csv)
        {
            await using var text = new StreamWriter(to, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
            table.WriteCsv(text);
            return;
        }
        // Its writer seeks.
        using var file = new MemoryStream();
        table.WriteParquet(file, new Dictionary<string, string>
        {
            ["study"] = facts.Study.Id.ToString("D"),
            ["name"] = facts.Study.Name,
            ["position"] = facts.Position.ToString(CultureInfo.InvariantCulture),
            ["root"] = facts.Root,
            ["as_of"] = AsOf.Text(facts.AsOf),
        });
        file.Position = 0;
        await file.CopyToAsync(to);
    }

    private static string FormatOf(string? given, string? path) => (given, Path.GetExtension(path)) switch
    {
        (Csv, _) or (null, null or "" or ".csv") => Csv,
        (Parquet, _) or (null, ".parquet") => Parquet,
        (null, var ending) => throw new BadInputException(
            $"--out ends with '{ending}'; .csv and .parquet are known, or --format says which it is."),
        _ => throw new BadInputException($"--format is '{given}'; allowed are {Csv} and {Parquet}."),
    };
}
