using System.CommandLine;
using System.Text;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Rules;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Reports.Comparisons;
using LdcLedger.Reports.Studies;
using LdcLedger.Specs;
using LdcLedger.Torch;

namespace LdcLedger.Cli.Reports;

/// <summary><c>ldc report diff A B</c>: the tables of two studies, reports or publications, cell by cell.</summary>
internal static class ReportDiff
{
    private const int Shown = 200;
    private const long LargestFile = 1 << 28;

    private static ReadOnlySpan<byte> PdfHead => "%PDF-"u8;

    private const string Side =
        "a study (id, prefix or name), a report's folder of tables, or a CSV file of one table";

    private static readonly Argument<string> A = new("A") { Description = char.ToUpperInvariant(Side[0]) + Side[1..] + "." };
    private static readonly Argument<string> B = new("B") { Description = "What to compare with: " + Side + "." };
    private static readonly Option<string?> Rule = new("--rule")
    {
        Description = $"Aggregation rule of the studies: {RuleArguments.Meaning}\n(default: each study's own).",
        HelpName = "RULE",
    };
    private static readonly Option<string[]> Tables = new("--table")
    {
        Description = "Only this table, such as aggregated-norms; may be given several times (default: all but the list of runs).\n"
            + "Of a CSV file: the table that it is of, where neither its name nor its columns say so.",
        HelpName = "NAME",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "diff",
        """
        Compare tables cell by cell (exit code 1: a cell differs, or is missing on one side).
        A published number, such as 1.019e+02, is compared in its digits; numbers of studies and of reports' own tables have to be equal.
        Rows are found by the names in their first columns. What a study has beyond a published table is named, and is no difference.
        """,
        Run, A, B, Rule, Tables, Json)
    {
        Examples =
        [
            "ldc report diff reference published/aggregated-norms.csv --rule component-frobenius",
            "ldc report diff demo demo-report/tables",
            "ldc report diff demo demo-again --table perplexity",
        ],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var (a, b) = (Files(arguments.GetValue(A)!), Files(arguments.GetValue(B)!));
        if (a is null || b is null)
        {
            await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
            var rule = arguments.GetValue(Rule) is { } text ? RuleNames.Find(await ledger.Rules.BookAsync(cancellation), text) : null;
            a ??= await OfStudyAsync(ledger, arguments.GetValue(A)!, rule, cancellation);
            b ??= await OfStudyAsync(ledger, arguments.GetValue(B)!, rule, cancellation);
        }
        else if (arguments.GetValue(Rule) is { } rule)
            throw new BadInputException($"--rule {rule} is of studies, and both sides are files: their numbers are made.");
        var compared = ReportComparison.Of(a, b, arguments.GetValue(Tables) ?? []);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new { a = a.Name, b = b.Name, compared.IsSame, compared.Tables, compared.OneSided });
        else
            Print(compared, a, b);
        return compared.IsSame ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Print(ReportComparison compared, StatedTables a, StatedTables b)
    {
        var differences = compared.Tables.SelectMany(table => table.Differences).ToList();
        if (differences.Count > 0)
        {
            var table = new TextTable("table", "row", "column", $">{Name(a, "A")}", $">{Name(b, "B")}");
            foreach (var cell in differences.Take(Shown))
                table.Add(cell.Table, cell.Row, cell.Column, cell.ShownA, cell.ShownB);
            Screen.Print(table);
            if (differences.Count > Shown)
                Screen.Print($"... and {Plural.Of(differences.Count - Shown, "more cell")}; --json lists all");
            Screen.Print("");
        }
        var alone = compared.Tables.SelectMany(table => table.OneSided).Concat(compared.OneSided).ToList();
        var missing = alone.Where(one => one.Counts).ToList();
        foreach (var one in missing.Take(Shown))
            Screen.Print($"only in {(one.Side == "A" ? a : b).Name}: {Words(one)}");
        if (missing.Count > Shown)
            Screen.Print($"... and {missing.Count - Shown} more that only one side has; --json lists all");
        foreach (var beyond in alone.Where(one => !one.Counts).GroupBy(one => (one.Side, Table: one.Row is null ? null : one.Table)))
            Screen.Print($"beyond what is published {(beyond.Key.Side == "A" ? a : b).Name} has "
                + (beyond.Key.Table is { } of ? $"in {of}: " : "")
                + string.Join("; ", beyond.Select(one =>
                    one.Row is null ? Words(one) : one.Column is null ? one.Row : $"{one.Row}, {one.Column}")));
        foreach (var table in compared.Tables)
            Screen.Print($"{table.Table}: " + (table.Cells == 0 ? "no cell compared" : $"{Plural.Of(table.Cells, "cell")} compared, "
                + (table.Differences.Count == 0 ? "all the same" : $"{table.Differences.Count} differ"))
                + (table.OneSided.Count(o => o.Counts) is > 0 and var lacking ? $", {Plural.Of(lacking, "part")} on one side alone" : ""));
    }

    // Two long paths would leave no room for the numbers.
    private static string Name(StatedTables side, string letter) => side.Name.Length <= 24 ? side.Name : letter;

    private static string Words(OneSided one) => (one.Row, one.Column) switch
    {
        (null, null) => $"table {one.Table}",
        (null, { } column) => $"{one.Table}, column {column}",
        ({ } row, null) => $"{one.Table}, row {row}",
        ({ } row, { } column) => $"{one.Table}, row {row}, column {column}",
    };

    private static async Task<StatedTables> OfStudyAsync(
        OpenLedger ledger, string study, AggregationRule? rule, CancellationToken cancellation)
    {
        var facts = await ledger.FactsAsync(study, null, cancellation, rule is null ? [] : [rule]);
        var document = rule is null ? StudyReport.Build(facts) : StudyReport.Build(facts, [rule]);
        return StatedTables.Of(document, study);
    }

    /// <summary>Null where it is the name of a study.</summary>
    private static StatedTables? Files(string path)
    {
        var isPath = path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || path.Contains('/');
        if (Directory.Exists(path))
        {
            var folder = Directory.Exists(Path.Combine(path, "tables")) ? Path.Combine(path, "tables") : path;
            var files = Directory.GetFiles(folder, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
            if (files.Count > 0)
                return StatedTables.OfFolder(path, [.. files.Select(file => TableIn(file, Path.GetRelativePath(folder, file)))]);
            // A study may well be called like a folder that happens to be there.
            return isPath ? throw new BadInputException($"{path} is a folder without tables: no file of it ends with .csv.") : null;
        }
        return isPath || File.Exists(path) ? StatedTables.OfFile(path, TableIn(path, Path.GetFileName(path)), IsInReport(path)) : null;
    }

    /// <summary>Whether a report's tables lie beside a file, or, of one under several rules, in the folder above.</summary>
    private static bool IsInReport(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new[] { folder, Path.Combine(folder, "..") }.Any(place =>
            StatedTables.OfReportsAlone.Any(table => File.Exists(Path.Combine(place, $"{table}.csv"))));
    }

    private static StatedTable TableIn(string path, string name)
    {
        var file = InputFile.At(path);
        if (file.Content == InputContent.WebPage || file.Head(PdfHead.Length).AsSpan().SequenceEqual(PdfHead))
            throw new BadInputException($"\"{path}\" is a document of pages, and no table; of a report, compare the study that it is of, "
                + "or its folder of tables (`ldc report build STUDY --format csv`).");
        file = InputFile.Plain(path);
        if (file.Length > LargestFile)
            throw new BadInputException($"\"{path}\" is larger than any table of a report.");
        using var reader = new StreamReader(file.Open(), new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            return StatedTable.Of(reader.ReadToEnd(), StatedTable.NameOf(name), path);
        }
        catch (DecoderFallbackException)
        {
            throw new BadInputException($"\"{path}\" is not UTF-8 text; a table is a CSV file.");
        }
    }
}
