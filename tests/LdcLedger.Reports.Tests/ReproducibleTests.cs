using System.Globalization;
using System.Security.Cryptography;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

/// <summary>
/// The same facts give the same bytes, in whatever order they were read, and whatever this process thinks of numbers and dates.
/// </summary>
public sealed class ReproducibleTests
{
    private static readonly int Builds = int.Parse(
        Environment.GetEnvironmentVariable("LDC_TEST_BUILDS") is { Length: > 0 } builds ? builds : "12", CultureInfo.InvariantCulture);

    [Fact]
    public void Builds_of_facts_read_in_any_order_in_three_cultures_have_one_hash_for_each_file()
    {
        var facts = new SampleStudy { Models = [("m", "llama", 3)], Domains = ["cpp", "数学 رياضيات"], Seeds = [1, 2] }.Facts();
        var hashes = new Dictionary<string, HashSet<string>>();
        var before = CultureInfo.CurrentCulture;
        try
        {
            for (var build = 0; build < Builds; build++)
            {
                CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = Cultures[build % Cultures.Length];
                // Pictures of figures take most of the time and depend on nothing that others do not: once in each culture.
                IReadOnlyCollection<string> formats = build < Cultures.Length ? ReportFiles.Formats : ["pdf", "html", "csv"];
                foreach (var (path, content) in ReportFiles.Content(DocumentOf(Shuffled(facts, build)), formats))
                {
                    if (!hashes.TryGetValue(path, out var seen))
                        hashes[path] = seen = [];
                    seen.Add(Convert.ToHexStringLower(SHA256.HashData(content())));
                }
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = before;
        }
        Assert.True(hashes.Count > 15);
        Assert.All(hashes, file => Assert.True(file.Value.Count == 1, $"{file.Key} has {file.Value.Count} contents"));
    }

    [Fact]
    public void Printed_is_the_number_itself_rounded_as_printf_does_it()
    {
        // 101.85 is a little less than that in binary; rounded to 15 digits first, it would go up. Reference: printf("%.3e").
        var study = new SampleStudy { Models = [("m", "llama", 3)], Domains = ["cpp"], Rule = AggregationRule.ComponentFrobenius };
        foreach (var (norm, printed) in new[]
        {
            (101.85, "1.018e+02"), (1.0005, "1.000e+00"), (70.415, "7.042e+01"), (9.9995, "9.999e+00"), (9.99950000000001, "1.000e+01"),
            (1.2345e-7, "1.235e-07"), (1.5e120, "1.500e+120"),
        })
        {
            var facts = study.Facts();
            facts = facts with
            {
                Norms = [.. facts.Norms.Select(n => n.Role != "top-1-mlp" ? n
                    : n with { Modules = [.. n.Modules.Select(m => m with { UpdateFrobenius = norm })] })],
            };
            var table = StudyReport.Build(facts).Blocks.OfType<ReportTable>().Single(t => t.Name == "aggregated-norms-m");
            Assert.Equal(printed, table.Groups[0].Rows[0][4].Text);
        }
    }

    private static ReportDocument DocumentOf(StudyFacts facts) =>
        StudyReport.Build(facts, [AggregationRule.BlockSum, AggregationRule.ComponentFrobenius]);

    private static StudyFacts Shuffled(StudyFacts facts, int seed)
    {
        var random = new Random(seed);
        T[] Any<T>(IEnumerable<T> items)
        {
            var shuffled = items.ToArray();
            random.Shuffle(shuffled);
            return shuffled;
        }
        var rankings = facts.Study.Domains.Select(domain => Domain.Norms.DomainRankings.Of(
            facts.Study.Id, "m", domain.Name, AggregationRule.BlockSum,
            Any(facts.Runs.Where(r => r.Role == "all" && r.Domain == domain.Name)
                .Select(r => (r.Id, r.Seed, facts.Norms.SingleOrDefault(n => n.Id == r.Id))))));
        return StudyFacts.InOrder(
            facts.Study, Any(facts.Runs), Any(facts.Norms).Select(n => n with { Modules = Any(n.Modules) }), Any(facts.Perplexities),
            Any(facts.Losses), facts.Extensions, facts.Position, facts.Root, facts.AsOf)
            with { Rankings = seed % 2 == 0 ? [] : Any(rankings) };
    }

    private static CultureInfo[] Cultures { get; } =
    [
        CultureInfo.InvariantCulture, Culture(",", ".", "-", "dd.MM.yyyy"), Culture("٫", "٬", "−", "yyyy/MM/dd"),
    ];

    // Built by hand, since the program has no tables of cultures.
    private static CultureInfo Culture(string point, string group, string minus, string date)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator) = (point, group);
        (culture.NumberFormat.NegativeSign, culture.DateTimeFormat.ShortDatePattern) = (minus, date);
        return culture;
    }
}
