using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>
/// Reports of events that average to the published study's tables say what those say, to the last digit; and <c>ldc report diff</c> sees
/// it.
/// </summary>
public sealed partial class FidelityTests : IDisposable
{
    private readonly Ledgers _ledgers = new();

    public void Dispose() => _ledgers.Dispose();

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 3, true)]
    public async Task Events_that_average_to_the_published_tables_give_a_report_that_prints_them(int random, int seeds, bool isShuffled)
    {
        var study = new PublishedStudy(random) { Seeds = [.. Enumerable.Range(1, seeds)], IsShuffled = isShuffled };
        await Import(study);
        var built = await Ldc("report", "build", study.Id, "--rule", "component-frobenius", "--format", "html,csv", "--out", "report");
        Assert.True(built.Code == 0, built.Err);
        var html = RowsOf(File.ReadAllText(_ledgers.Folder["report/report.html"]));

        foreach (var row in PublishedStudy.Rows(PublishedStudy.Norms))
        {
            var cells = html[$"{row[0]}: aggregated norms", row[1], row[2] == "mlp" ? "Top-3 MLP" : "Top-3 Attn"];
            Assert.Equal(row[3..], cells);
        }
        foreach (var row in PublishedStudy.Rows(PublishedStudy.Perplexities))
            Assert.Equal(row[2..], html["Normalised perplexity", row[1], null].Take(8));

        // The same of the files, and cell by cell by ldc itself.
        (string, string, int)[] sides = [("report", PublishedStudy.Norms, 144), (study.Id, PublishedStudy.Perplexities, 48)];
        foreach (var (side, published, cells) in sides)
        {
            var same = await Ldc("report", "diff", side, published, "--json");
            Assert.True(same.Code == 0, same.Err + same.Out);
            Assert.Equal(cells, same.Json.GetProperty("tables")[0].GetProperty("cells").GetInt32());
        }
        await EveryChangedDigitIsMarked(study);
    }

    [Fact]
    public async Task Without_baselines_what_needs_none_is_printed_and_what_is_missing_is_named()
    {
        var study = new PublishedStudy(4) { HasBaselines = false };
        await Import(study);
        var same = await Ldc("report", "diff", study.Id, PublishedStudy.Norms);
        Assert.Equal((0, "aggregated-norms: 144 cells compared, all the same\n"), (same.Code, same.Out));
        var differs = await Ldc("report", "diff", study.Id, PublishedStudy.Perplexities, "--json");
        Assert.Equal(1, differs.Code);
        var table = differs.Json.GetProperty("tables")[0];
        Assert.Equal(42, table.GetProperty("cells").GetInt32());
        Assert.Empty(table.GetProperty("differences").EnumerateArray());
        var missing = table.GetProperty("one_sided").EnumerateArray().Where(o => o.GetProperty("counts").GetBoolean()).ToList();
        Assert.Equal(6, missing.Count);
        Assert.All(missing, o => Assert.Equal(("B", "pt"), (o.GetProperty("side").GetString(), o.GetProperty("column").GetString())));
    }

    [Fact]
    public async Task A_run_of_a_seed_that_the_study_does_not_have_is_refused_since_no_table_would_show_it()
    {
        var study = new PublishedStudy(5) { Seeds = [1, 2] };
        _ledgers.Folder.Write("study.jsonl",
            string.Join('\n', study.Lines().Select((line, i) => i == 0 ? line.Replace("[1,2]", "[1]") : line)));
        var refused = await Ldc("ledger", "import", "--unchained", "study.jsonl");
        Assert.Equal(2, refused.Code);
        Assert.Contains("data.seed is 2; the study's seeds are 1, and no table looks for others.", refused.Err, StringComparison.Ordinal);
    }

    private async Task EveryChangedDigitIsMarked(PublishedStudy study)
    {
        var lines = File.ReadAllLines(PublishedStudy.Norms);
        // 1.019e+02 becomes 1.010e+02: another last digit, here and there.
        var changed = lines.Select((line, i) => i % 7 != 3 ? line
            : LastDigit().Replace(line, digit => $"{(digit.Value[0] - '0' + 1) % 10}e")).ToList();
        _ledgers.Folder.Write("changed.csv", string.Join('\n', changed) + "\nllama-3.2-3b,law,mlp,1.000e+00,1.000e+00,1.000e+00\n");
        var diff = await Ldc("report", "diff", study.Id, "changed.csv");
        Assert.Equal(1, diff.Code);
        var marked = diff.Out.Split('\n').Count(line => line.StartsWith("aggregated-norms  ", StringComparison.Ordinal));
        Assert.Equal(3 * changed.Where((line, i) => line != lines[i]).Count(), marked);
        Assert.Contains("only in changed.csv: aggregated-norms, row llama-3.2-3b, law, mlp\n", diff.Out, StringComparison.Ordinal);
        var row = lines[3].Split(',');
        Assert.Contains(string.Join(", ", row[..3]), diff.Out.Split('\n').First(l => l.Contains(row[3])), StringComparison.Ordinal);
    }

    private async Task Import(PublishedStudy study)
    {
        _ledgers.Folder.Write("study.jsonl", string.Join('\n', study.Lines()));
        var imported = await Ldc("ledger", "import", "--unchained", "study.jsonl");
        Assert.True(imported.Code == 0, imported.Err);
    }

    /// <summary>Cells by the table's caption, the domain, and the cell after it where that is words.</summary>
    private static PrintedTables RowsOf(string html) => new(
        from table in TableBlock().Matches(html)
        let caption = Text(table.Groups["caption"].Value)
        from @group in table.Groups["rows"].Value.Split("<tbody>")
        from row in TableRow().Matches(@group)
        select (caption + " " + Text(@group.Split("</tr>")[0]), Cell().Matches(row.Value).Select(c => Text(c.Groups[1].Value)).ToArray()));

    private sealed class PrintedTables(IEnumerable<(string Caption, string[] Cells)> rows)
    {
        private readonly List<(string Caption, string[] Cells)> _rows = [.. rows];

        /// <summary>Of the one row that there is.</summary>
        public string[] this[string caption, string domain, string? components] => components is null
            ? Of(caption, r => r.Caption.Contains("llama-3.2-3b") && r.Cells[0] == domain)[1..]
            : Of(caption, r => r.Cells[0] == domain && r.Cells[1] == components)[2..];

        private string[] Of(string caption, Func<(string Caption, string[] Cells), bool> wanted) =>
            Assert.Single(_rows, row => row.Caption.Contains(caption) && wanted(row)).Cells;
    }

    private static string Text(string html) => WebUtility.HtmlDecode(Tag().Replace(html, "")).Trim();

    private Task<Call> Ldc(params string[] arguments) => _ledgers.In("data", arguments);

    [GeneratedRegex("<figcaption[^>]*>(?<caption>.*?)</figcaption>(?<rows>.*?)</figure>", RegexOptions.Singleline)]
    private static partial Regex TableBlock();

    [GeneratedRegex("<tr>.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex TableRow();

    [GeneratedRegex("<t[hd][^>]*>(.*?)</t[hd]>", RegexOptions.Singleline)]
    private static partial Regex Cell();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex("[0-9]e")]
    private static partial Regex LastDigit();
}
