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
    public static ReportOrigin Of(StudyFacts facts, IReadOnlyList<AggregationRule> rules, IReadOnlyList<DataFile> data) => new(
        facts.Study.Id, facts.Position, facts.Root, rules, StudyReport.LdcVersion,
        [.. ReportFonts.Own, .. ReportFonts.OfMachine(Texts(facts, data))], TablesSha256(data));

    /// <summary>Over what <c>sha256sum</c> prints for the files.</summary>
    public static string TablesSha256(IEnumerable<DataFile> data)
    {
        var lines = data.OrderBy(file => file.Path, StringComparer.Ordinal)
            .Select(file => $"{Sha256(CsvFile.Of(file))}  {file.Path}\n");
        return Sha256(string.Concat(lines));
    }

    // Whatever people named stands in a table or is the study's name; our own words need our own fonts alone.
    private static IEnumerable<string> Texts(StudyFacts facts, IReadOnlyList<DataFile> data) =>
    [
        facts.Study.Name, .. facts.Study.FormerNames,
        .. data.SelectMany(file => file.Rows).SelectMany(row => row).OfType<string>().Distinct(),
    ];

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
