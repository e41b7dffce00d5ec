using System.Security.Cryptography;
using System.Text;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Csv;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Fonts;

namespace LdcLedger.Reports.Studies;

/// <summary>What a study's report is built of.</summary>
internal static class StudyOrigin
{
    public static ReportOrigin Of(
        StudyFacts facts, IReadOnlyList<AggregationRule> rules, IReadOnlyList<FontFile> fonts, IReadOnlyList<DataFile> data) => new(
        facts.Study.Id, facts.Position, facts.Root, rules, StudyReport.LdcVersion,
        [.. fonts.Select(font => new ReportFont(font.Name, font.Sha256))], TablesSha256(data));

    /// <summary>
    /// What the report is set in. Whatever people named stands in a table, in the spec or is the study's name; our own words need our own
    /// fonts alone.
    /// </summary>
    public static IReadOnlyList<FontFile> Fonts(StudyFacts facts, IReadOnlyList<DataFile> data) => ReportFonts.FilesFor(
    [
        facts.Study.Name, .. facts.Study.FormerNames, SpecText.Of(facts.Study.Spec),
        .. data.SelectMany(file => file.Rows).SelectMany(row => row).OfType<string>().Distinct(),
    ]);

    /// <summary>Over what <c>sha256sum</c> prints for the files.</summary>
    public static string TablesSha256(IEnumerable<DataFile> data)
    {
        var lines = data.OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(file => $"{Sha256(CsvFile.Of(file))}  {file.Path}\n");
        return Sha256(string.Concat(lines));
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
