using System.CommandLine;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Rules;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Rules;
using LdcLedger.Reports;
using LdcLedger.Reports.Studies;
using LdcLedger.Specs;

namespace LdcLedger.Cli.Reports;

/// <summary><c>ldc report build STUDY</c>: the report of a study as it stands, under any rules, without training anything.</summary>
internal static class ReportBuild
{
    public static readonly Option<string[]> Rules = new("--rule")
    {
        Description = $"Aggregation rule, may be given several times: {RuleArguments.Meaning}\n(default: the study's own).",
        HelpName = "RULE",
    };

    private static readonly Option<string?> Formats = new("--format")
    {
        Description = $"Formats, separated by commas: {string.Join(", ", ReportFiles.Formats)} (default: all).",
        HelpName = "F,...",
    };
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "The folder to write to (default: NAME-report in this folder).",
        HelpName = "DIR",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("build", "Write the report of a study as it stands in the ledger; nothing is trained.", Run, StudyShow.Study, Rules,
            AsOfOption.OfStudy, Formats, Out, Json)
    {
        Examples = ["ldc report build demo", "ldc report build demo --rule component-frobenius --rule block-sum --format pdf,csv --out "
            + "under-two-rules", "ldc report build demo --as-of 41 --out at-position-41"],
    };

    private static async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var formats = arguments.GetValue(Formats)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var format in formats ?? [])
            if (!ReportFiles.Formats.Contains(format))
                throw new BadInputException($"--format has '{format}'; allowed are {string.Join(", ", ReportFiles.Formats)}.");
        if (formats is [])
            throw new BadInputException($"--format names none; allowed are {string.Join(", ", ReportFiles.Formats)}.");
        var asOf = AsOfOption.Of(arguments);
        var wanted = arguments.GetValue(Out) is { } named ? OutFolder.At(named) : null;
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        var rules = await RulesOf(ledger, arguments, cancellation);
        var facts = await ledger.FactsAsync(arguments.GetValue(StudyShow.Study)!, asOf, cancellation, rules);
        var folder = wanted ?? OutFolder.At($"{facts.Study.Name}-report");
        cancellation.ThrowIfCancellationRequested();
        var document = rules.Count == 0 ? StudyReport.Build(facts) : StudyReport.Build(facts, rules);
        var written = ReportFiles.Write(document, folder, formats, cancellation);
        ReportNotice.Say(document, written);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                study = facts.Study.Id, facts.Position, facts.Root, facts.AsOf, folder, files = written.Files, removed = written.Removed,
                changed = written.Changed,
            });
        else
            foreach (var file in written.Files)
                Screen.Print(Path.Combine(folder, file));
        return ExitCodes.Done;
    }

    /// <summary>The rules that are asked for; none where the study's own is meant.</summary>
    internal static async Task<IReadOnlyList<AggregationRule>> RulesOf(
        OpenLedger ledger, ParseResult arguments, CancellationToken cancellation)
    {
        var book = await ledger.Rules.BookAsync(cancellation);
        return [.. (arguments.GetValue(Rules) ?? []).Select(text => RuleNames.Find(book, text)).Distinct()];
    }
}
