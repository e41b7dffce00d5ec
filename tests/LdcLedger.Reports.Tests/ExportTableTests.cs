using System.Globalization;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Exports;
using ParquetSharp;
using Xunit;

namespace LdcLedger.Reports.Tests;

public class ExportTableTests
{
    private static readonly StudyFacts Facts = SampleStudy.WithMissingRuns.Facts();

    public static TheoryData<string> Names => ["norms", "perplexities", "rankings"];

    private static ExportTable Table(string name) => name switch
    {
        "norms" => StudyTables.Norms(Facts),
        "perplexities" => StudyTables.Perplexities(Facts),
        "rankings" => StudyTables.Rankings(Facts, AggregationRule.BuiltIn),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Parquet_and_CSV_have_the_same_rows_and_every_number_reads_back_as_it_was(string name)
    {
        var csv = Csv(Table(name));
        var parquet = Parquet(Table(name), out var notes);
        Assert.True(csv.Count > 10, $"{name} has {csv.Count} rows.");
        Assert.Equal(csv.Select(row => string.Join(',', row)), parquet.Select(row => string.Join(',', row)));
        Assert.Equal("abc", notes["study"]);
    }

    [Fact]
    public void Norms_are_those_of_the_facts_bit_for_bit()
    {
        var rows = Csv(StudyTables.Norms(Facts)).Skip(1)
            .ToDictionary(r => (r[0], r[8], r[9], r[10]), r => double.Parse(r[12], CultureInfo.InvariantCulture));
        Assert.Equal(Facts.Norms.Sum(n => n.Modules.Count), rows.Count);
        foreach (var run in Facts.Norms)
            foreach (var norm in run.Modules)
                Assert.Equal(norm.UpdateFrobenius, rows[($"{run.Id}", $"{norm.Epoch}", $"{norm.Layer}", norm.Projection)]);
    }

    [Fact]
    public void Perplexities_are_those_of_the_facts_and_a_baseline_has_no_seed()
    {
        var rows = Csv(StudyTables.Perplexities(Facts)).Skip(1).ToDictionary(r => r[0]);
        Assert.Equal(Facts.Perplexities.Count, rows.Count);
        foreach (var measured in Facts.Perplexities)
        {
            var row = rows[$"{measured.Id}"];
            Assert.Equal(measured.TotalNats, double.Parse(row[8], CultureInfo.InvariantCulture));
            Assert.Equal(measured.ScoredTokens, long.Parse(row[9], CultureInfo.InvariantCulture));
            Assert.Equal(measured.Seed?.ToString(CultureInfo.InvariantCulture) ?? "", row[6]);
        }
    }

    [Fact]
    public void Rankings_are_of_every_rule_that_is_asked_for_best_layer_first()
    {
        var rows = Csv(StudyTables.Rankings(Facts, AggregationRule.BuiltIn)).Skip(1).ToList();
        Assert.Equal(AggregationRule.BuiltIn.Select(r => r.Name), rows.Select(r => r[0]).Distinct());
        var expected = RankingTable.Of(Facts, AggregationRule.BlockSum).Rows.SelectMany(r => r.Layers.Select(l => l.Layer));
        Assert.Equal(
            expected, rows.Where(r => r[0] == AggregationRule.BlockSum.Name).Select(r => int.Parse(r[6], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Rankings_of_several_seeds_say_how_often_each_layer_is_among_the_highest_and_those_of_one_do_not()
    {
        Assert.All(Csv(StudyTables.Rankings(Facts, [AggregationRule.BlockSum])).Skip(1), row => Assert.Equal(["", ""], row[8..]));
        var facts = SampleStudy.Reference.Facts();
        var csv = Csv(StudyTables.Rankings(facts, [AggregationRule.BlockSum]));
        Assert.Equal(["p_top_1", "p_top_3"], csv[0][8..]);
        var expected = RankingTable.WithStability(facts, AggregationRule.BlockSum).Rows
            .SelectMany(r => r.Stability?.Layers.Select(l => l.InTop) ?? []).ToList();
        Assert.Equal(expected, csv.Skip(1).Select(row => row[8..].Select(p => double.Parse(p, CultureInfo.InvariantCulture))));
        Assert.Contains(expected, p => p[0] is > 0 and < 1);
    }

    [Fact]
    public void The_same_table_is_the_same_bytes()
    {
        Assert.Equal(Bytes(), Bytes());

        static byte[] Bytes()
        {
            using var file = new MemoryStream();
            Table("norms").WriteParquet(file, new Dictionary<string, string> { ["study"] = "abc" });
            return file.ToArray();
        }
    }

    // The sample's names have no comma in them.
    private static List<string[]> Csv(ExportTable table)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        table.WriteCsv(text);
        return [.. text.ToString().TrimEnd().Split("\r\n").Select(Unquoted)];
    }

    private static string[] Unquoted(string line)
    {
        var fields = new List<string>();
        foreach (var (i, part) in line.Split('"').Index())
            if (i % 2 == 1)
                fields[^1] += part;
            else if (fields.Count == 0)
                fields.AddRange(part.Split(','));
            else
            {
                var more = part.Split(',');
                fields[^1] += more[0];
                fields.AddRange(more[1..]);
            }
        return [.. fields];
    }

    private static List<string[]> Parquet(ExportTable table, out IReadOnlyDictionary<string, string> notes)
    {
        using var file = new MemoryStream();
        table.WriteParquet(file, new Dictionary<string, string> { ["study"] = "abc" });
        file.Position = 0;
        using var reader = new ParquetFileReader(file, leaveOpen: true);
        notes = reader.FileMetaData.KeyValueMetadata;
        var schema = reader.FileMetaData.Schema;
        List<string[]> rows = [[.. Enumerable.Range(0, schema.NumColumns).Select(i => schema.Column(i).Name)]];
        for (var g = 0; g < reader.FileMetaData.NumRowGroups; g++)
        {
            using var group = reader.RowGroup(g);
            var count = (int)group.MetaData.NumRows;
            var columns = Enumerable.Range(0, schema.NumColumns).Select(i => Cells(group.Column(i), count)).ToList();
            for (var r = 0; r < count; r++)
                rows.Add([.. columns.Select(c => c[r])]);
        }
        reader.Close();
        return rows;
    }

    private static string[] Cells(ColumnReader column, int count)
    {
        using (column)
        using (var reader = column.LogicalReader())
            return reader switch
            {
                LogicalColumnReader<string> texts => texts.ReadAll(count),
                LogicalColumnReader<int> whole => [.. whole.ReadAll(count).Select(v => v.ToString(CultureInfo.InvariantCulture))],
                LogicalColumnReader<int?> maybe => [.. maybe.ReadAll(count).Select(v => v?.ToString(CultureInfo.InvariantCulture) ?? "")],
                LogicalColumnReader<long> large => [.. large.ReadAll(count).Select(v => v.ToString(CultureInfo.InvariantCulture))],
                LogicalColumnReader<double> number => [.. number.ReadAll(count).Select(v => v.ToString("R", CultureInfo.InvariantCulture))],
                LogicalColumnReader<double?> maybe =>
                    [.. maybe.ReadAll(count).Select(v => v?.ToString("R", CultureInfo.InvariantCulture) ?? "")],
                _ => throw new NotSupportedException(reader.GetType().ToString()),
            };
    }
}
