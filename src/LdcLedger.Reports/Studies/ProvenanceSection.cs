using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;

namespace LdcLedger.Reports.Studies;

/// <summary>
/// Where every number comes from: what was asked for, of what, with what, and the position in the ledger that anyone can check.
/// </summary>
internal static class ProvenanceSection
{
    public static IReadOnlyList<ReportSection> Of(
        StudyFacts facts, IReadOnlyList<AggregationRule> rules, IReadOnlyList<FontFile> fonts, Numbering numbering) =>
    [
        new("provenance", "Provenance",
            [
                new Paragraph(
                    "Every number in this report is computed from the events of the study’s ledger up to the position below. " +
                    "The root is the RFC 6962 Merkle root of these events. " +
                    "Anyone who holds the ledger can recompute the root and this report, byte for byte."),
                new FactList(Identity(facts)),
            ],
            [
                new("verify", "How to verify", Verification(facts, rules), []),
                new("models", "Models", [.. facts.Study.Models.Select(m => new FactList(ModelOf(m)))], []),
                new("domains", "Domains", [Domains(facts, numbering)], []),
                new("environments", "Environments", [Environments(facts, numbering)], []),
                new("rules", "Rules",
                    [Rules(rules, facts.Study.Rule, numbering), .. rules.Select(r => new Paragraph(RuleWords.Definition(r)))], []),
                .. facts.Extensions.Count == 0 ? [] : (ReportSection[])[Extensions(facts, numbering)],
                new("fonts", "Fonts", [Fonts(fonts, numbering)], []),
                new("spec", "Study spec",
                    [
                        new Paragraph("Every default filled in. Of an absolute path only the last two parts are shown; what it led to "
                        + "is told by "
                            + "the hashes above."),
                        new Verbatim(SpecText.Of(facts.Study.Spec)),
                    ],
                    []),
            ]),
    ];

    private static IReadOnlyList<ReportFact> Identity(StudyFacts facts) =>
    [
        new("Study", facts.Study.Id.ToString(), true),
        new("Name", facts.Study.Name
            + (facts.Study.FormerNames.Count == 0 ? "" : $" (before: {Plural.List(facts.Study.FormerNames)})")),
        new("Status", facts.Study.Status),
        new("Submitted", Numbers.Moment(facts.Study.SubmittedAt)),
        .. facts.Study.EndedAt is { } ended ? new[] { new ReportFact("Ended", Numbers.Moment(ended)) } : [],
        new("Position", $"{Numbers.Count(facts.Position)} events, the last at {Numbers.Moment(facts.AsOf)}"),
        new("Root", facts.Root, true),
        new("Made by", $"ldc {StudyReport.LdcVersion}"),
    ];

    private static IReadOnlyList<ReportFact> ModelOf(ResolvedModel model) =>
    [
        new("Model", model.Name),
        new("Architecture",
            $"{model.Family} ({model.Architecture}), {Plural.Of(model.Layers, "layer")}, {Numbers.Count(model.Parameters)} parameters"),
        new("Weights", model.WeightsSha256, true),
        new("Config", model.ConfigSha256, true),
        new("Tokenizer", model.TokenizerSha256, true),
    ];

    private static ReportTable Domains(StudyFacts facts, Numbering numbering)
    {
        // A column of zeros would say nothing.
        var skips = facts.Study.Domains.Any(d => d.SkippedRecords > 0);
        return new(
            "domains-table", numbering.NextTable(), "Corpora: number of records, records held out, "
                + (skips ? "records that could not be used and were skipped, " : "") + "size and SHA-256.",
            [new("Domain", ColumnKind.Words), new("Format", ColumnKind.Words), new("Records", ColumnKind.Number),
                new("Held out", ColumnKind.Number), .. skips ? (ReportColumn[])[new("Skipped", ColumnKind.Number)] : [],
                new("Bytes", ColumnKind.Number), new("SHA-256", ColumnKind.Exact)],
            [new(null, [.. facts.Study.Domains.Select(d => (IReadOnlyList<ReportCell>)
                [new(d.Name), new(d.Format), new(Numbers.Count(d.Records)), new(Numbers.Count(d.HeldOutRecords)),
                    .. skips ? (ReportCell[])[new(Numbers.Count(d.SkippedRecords))] : [],
                    new(Numbers.Count(d.Bytes)), new(d.Sha256)])])],
            []);
    }

    private static ReportBlock Environments(StudyFacts facts, Numbering numbering)
    {
        var environments = facts.Runs.Where(r => r.Environment is not null).GroupBy(r => r.Environment!).ToList();
        if (environments.Count == 0)
            return new Paragraph(facts.Runs.Any(r => r.Status == RunStatuses.Completed)
                ? "The ledger does not record on which hardware and software the runs were trained."
                : "No worker has claimed a run yet.");
        return new ReportTable(
            "environments-table", numbering.NextTable(), "Hardware and software of the runs.",
            [new("Host", ColumnKind.Words), new("Device", ColumnKind.Words), new("Threads", ColumnKind.Number),
                new("Processor", ColumnKind.Words), new("System", ColumnKind.Words), new("Runtime", ColumnKind.Words),
                new("Arithmetic", ColumnKind.Words), new("ldc", ColumnKind.Words), new("Runs", ColumnKind.Number)],
            [new(null, [.. environments.Select(e => (IReadOnlyList<ReportCell>)
                [new(e.Key.Host), new(e.Key.Device), new($"{e.Key.Threads}"),
                    new(e.Key.Processor), new(e.Key.OperatingSystem), new(e.Key.Runtime),
                    new(e.Key.Libtorch), new(e.Key.LdcVersion), new($"{e.Count()}")])])],
            []);
    }

    private static IReadOnlyList<ReportBlock> Verification(StudyFacts facts, IReadOnlyList<AggregationRule> rules)
    {
        var asked = string.Concat(rules.Select(r => $" --rule {r.Reference}"));
        var position = facts.Position.ToString(CultureInfo.InvariantCulture);
        return
        [
            new Paragraph(
                "With the ledger, or with one into which the study’s file was imported, this report is built again and compared, the "
                + "ledger’s "
                + "hashes are recomputed, and the history of a run is printed, event by event:"),
            new Verbatim(
                "ldc report verify report.pdf\n"
                + "ldc ledger verify\n"
                + $"ldc report build {facts.Study.Id} --as-of {position}{asked} --out again\n"
                + "ldc run show RUN\n"),
        ];
    }

    private static ReportSection Extensions(StudyFacts facts, Numbering numbering) => new("extensions", "Extensions",
        [
            new Paragraph(
                "After its own stage 2 the study was extended: what other rules ask for and was not there was trained as well. Runs "
                + "that several "
                + "rules choose are the same runs."),
            new ReportTable(
                "extensions-table", numbering.NextTable(), "Rules that the study was extended by, and the runs that were planned at once.",
                [new("Rule", ColumnKind.Words), new("Recorded", ColumnKind.Words), new("New runs", ColumnKind.Number),
                    new("SHA-256 of the rule", ColumnKind.Exact)],
                [new(null, [.. facts.Extensions.Select(e => (IReadOnlyList<ReportCell>)
                    [new(e.Rule.Reference), new(Numbers.Moment(e.At)), new(Numbers.Count(e.NewRuns)), new(e.Rule.Hash)])])],
                []),
        ],
        []);

    private static ReportTable Fonts(IReadOnlyList<FontFile> fonts, Numbering numbering) => new(
        "fonts-table", numbering.NextTable(),
        $"Fonts that this report is set in. They are part of the program: {Families(fonts)}.",
        [new("File", ColumnKind.Words), new("Bytes", ColumnKind.Number), new("SHA-256", ColumnKind.Exact)],
        [new(null,
            [.. fonts.OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => (IReadOnlyList<ReportCell>)
                [new(f.Name), new(Numbers.Count(f.Length)), new(f.Sha256)])])],
        []);

    private static string Families(IReadOnlyList<FontFile> fonts)
    {
        const string noto = "Noto, under the SIL Open Font License, cut to the characters of reports";
        return fonts.All(font => font.Name.StartsWith("Noto", StringComparison.Ordinal)) ? noto
            : noto + "; and Droid Sans Fallback, under the Apache License 2.0, for Chinese and Japanese";
    }

    private static ReportTable Rules(IReadOnlyList<AggregationRule> shown, AggregationRule own, Numbering numbering)
    {
        IReadOnlyList<AggregationRule> rules = shown.Contains(own) ? shown : [.. shown, own];
        return new(
            "rules-table", numbering.NextTable(),
            "Aggregation rules, with the first digits of the SHA-256 of what each says. "
            + $"The study itself ranked layers by {own.Reference}.",
            [new("Rule", ColumnKind.Words), new("Version", ColumnKind.Number), new("Measure", ColumnKind.Words),
                new("Over", ColumnKind.Words), new("Combine", ColumnKind.Words), new("Epoch", ColumnKind.Words),
                new("Seeds", ColumnKind.Words), new("Ties", ColumnKind.Words), new("Top", ColumnKind.Number),
                new("Perplexity", ColumnKind.Words), new("SHA-256", ColumnKind.Exact)],
            [new(null, [.. rules.Select(r => (IReadOnlyList<ReportCell>)
                [new(r.Name), new($"{r.Version}"), new(r.Measure), new(r.Over), new(r.Combine),
                    new(r.Epoch?.ToString(CultureInfo.InvariantCulture) ?? "last"),
                    new(r.Seeds), new(r.Ties), new($"{r.Top}"), new(r.Perplexity), new(r.Hash[..12])])])],
            []);
    }
}
