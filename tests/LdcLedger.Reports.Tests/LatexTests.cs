using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tests;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Latex;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

public sealed class LatexTests
{
    [Theory]
    [InlineData("50 % of a_b & c", @"50 \% of a\_b \& c")]
    [InlineData(@"$x$ #1 {2} ~ ^ \", @"\$x\$ \#1 \{2\} \textasciitilde{} \textasciicircum{} \textbackslash{}")]
    [InlineData("<a> | `b` \"c\"", @"\textless{}a\textgreater{} \textbar{} \textasciigrave{}b\textasciigrave{} {\char34}c{\char34}")]
    [InlineData("[x] *y*", "{[}x] {*}y{*}")]
    [InlineData("a--b don''t", "a-{}-b don'{}'t")]
    [InlineData("données, Straße, Žižek", "données, Straße, Žižek")]
    [InlineData("książka", @"ksi\ldcletter{ą}żka")]
    [InlineData("数 😀", @"\ldcchar{6570}{数} \ldcchar{1F600}{😀}")]
    [InlineData("‖ΔW‖ ≤ 1 – α", @"$\Vert$$\Delta$W$\Vert$ $\leq$ 1 -- $\alpha$")]
    [InlineData("two\nlines\tand\u0007", "two lines and ")]
    public void A_text_says_what_it_says_whatever_LaTeX_would_read_in_it(string text, string latex) =>
        Assert.Equal(latex, LatexText.Escape(text));

    [Fact]
    public void A_formula_has_no_sign_of_running_text()
    {
        var equations = StudyReport.Build(new SampleStudy { Seeds = [1, 2], Domains = ["cpp"] }.Facts(), AggregationRule.BuiltIn)
            .Blocks.OfType<Equation>().Select(e => LatexFormula.Of(e.Formula)).ToList();
        Assert.All(equations, latex => Assert.DoesNotContain(@"\text", latex, StringComparison.Ordinal));
        Assert.Contains(equations, latex => latex.Contains(@"\ln p \left( {x}_{t} \mid {x}_{< t} \right)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_name_whose_letters_are_printed_as_codes_leaves_room_for_what_it_names()
    {
        IReadOnlyList<ReportCell> row = [new(new string('数', 60)), .. Enumerable.Range(0, 8).Select(_ => new ReportCell("101.85–102.32"))];
        ReportTable table = new(
            "t", "Table 1", "Caption",
            [new("Domain", ColumnKind.Words), .. Enumerable.Range(0, 8).Select(i => new ReportColumn($"Top-{i} MLP", ColumnKind.Number))],
            [new(null, [row])], []);
        var parts = LatexColumns.Parts(table);
        Assert.Equal(8, parts.Sum(part => part.Columns.Count(c => c.Kind == ColumnKind.Number)));
        // In em of \tiny, of which a line of LaTeX's own article has 52.
        Assert.All(parts, part => Assert.InRange(LatexColumns.Total(LatexColumns.Of(part)), 1, 52));
    }

    [Fact]
    public void A_table_has_its_rules_its_groups_its_best_in_bold_and_its_notes()
    {
        var table = new ReportTable("odd_name", "Table 1", "50 % of a_b",
            [new("Domain", ColumnKind.Words), new("PPL", ColumnKind.Number), new("Hash", ColumnKind.Exact)],
            [
                new("m#1", [[new("c++ / c#"), new("1.00", Bold: true, Mark: "a"), new("00ff")]]),
                new("m 2", [[new("again", Repeats: true), new("–"), new("")]]),
            ],
            [new("a", "seed {2} ~ lost")]);
        var latex = LatexTable.Of(table);
        string[] wanted =
        [
            // Space between a caption and the rule below it, of which LaTeX's own classes have none.
            @"\ifdim\belowcaptionskip<4pt \setlength{\belowcaptionskip}{4pt}\fi",
            @"\caption{50~\% of a\_b}\label{tab:odd-name}", @"\begin{tabular}{@{}lrl@{}}", @"Domain & PPL & Hash \\",
            @"\multicolumn{3}{@{}l@{}}{\textit{m\#1}} \\*", @"c++ / c\# & \textbf{1.00}\rlap{\textsuperscript{a}} & \texttt{00ff} \\",
            @"\addlinespace", @" & -- &  \\", @"\textsuperscript{a}~seed \{2\} \textasciitilde{} lost\par",
        ];
        Assert.All(wanted, line => Assert.Contains(line, latex.Split('\n')));
        Assert.Equal(
            [@"\toprule", @"\midrule", @"\bottomrule"],
            latex.Split('\n').Where(line => line.EndsWith("rule", StringComparison.Ordinal)));
        // What it does not use, it does not ask for.
        Assert.StartsWith(@"% Needs \usepackage{booktabs}; the file is UTF-8.", latex);
    }

    [Fact]
    public void A_table_that_is_longer_than_a_page_breaks_and_repeats_its_head()
    {
        string Of(int rows) => LatexTable.Of(new ReportTable("long", "Table 1", "Caption", [new("Head", ColumnKind.Words)],
            [new(null, [.. Enumerable.Range(0, rows).Select(i => (IReadOnlyList<ReportCell>)[new($"row {i}")])])], []));
        Assert.DoesNotContain("longtable", Of(30));
        var latex = Of(100);
        Assert.StartsWith(@"% Needs \usepackage{booktabs} and \usepackage{longtable};", latex);
        Assert.Equal(2, latex.Split('\n').Count(line => line == @"Head \\"));
        Assert.Contains(@"\endhead", latex);
    }

    [Fact]
    public void No_page_ends_within_the_first_rows_of_a_table_its_last_ones_or_those_of_one_thing()
    {
        IReadOnlyList<ReportCell> Row(int i, bool repeats) => [new($"thing {i}", Repeats: repeats), new($"row {i}")];
        string[] Kept(Func<int, bool> repeats, int rows = 20) =>
        [
            .. LatexTable.Of(new ReportTable("kept", "Table 1", "Caption", [new("A", ColumnKind.Words), new("B", ColumnKind.Words)],
                [new(null, [.. Enumerable.Range(0, rows).Select(i => Row(i, repeats(i)))])], []))
                .Split('\n').Where(line => line.EndsWith(@"\\*", StringComparison.Ordinal)).Select(line => line.Split('&')[1].Trim()[..^4]),
        ];
        Assert.Equal(["row 0", "row 17", "row 18"], Kept(_ => false));
        Assert.Equal(["row 0", "row 5", "row 6", "row 17", "row 18"], Kept(i => i is 6 or 7));
        Assert.Equal(["row 0", "row 17", "row 18"], Kept(i => i is > 4 and < 16));
        // A small one stays whole in any case.
        Assert.Empty(Kept(i => i > 0, 8));
    }

    [Fact]
    public void What_is_too_wide_for_a_line_wraps_and_numbers_never_do()
    {
        var table = new ReportTable("wide", "Table 1", "Caption",
            [new("Name", ColumnKind.Words), new("SHA-256", ColumnKind.Exact),
                .. Enumerable.Range(0, 6).Select(i => new ReportColumn($"n{i}", ColumnKind.Number))],
            [new(null, [
                [new(new string('x', 80)), new(new string('f', 64)), .. Enumerable.Range(0, 6).Select(_ => new ReportCell("12,345.67"))],
            ])],
            []);
        var columns = LatexColumns.Of(table);
        Assert.Equal([true, true, false, false, false, false, false, false], columns.Select(c => c.Wraps));
        Assert.InRange(LatexColumns.Total(columns), 0, 47);
        Assert.Contains(@"x\allowbreak{}x", LatexTable.Of(table));
    }

    [Theory]
    [InlineData(4, "table")]
    [InlineData(9, "table*")]
    public void A_table_that_one_column_of_two_does_not_hold_takes_both(int numbers, string kind)
    {
        var lines = LatexTable.Of(OfNumbers(numbers)).Split('\n');
        Assert.Contains($@"\begin{{{kind}}}[htbp]", lines);
        Assert.Contains($@"\end{{{kind}}}", lines);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60)]
    public void A_table_of_more_columns_than_a_line_holds_has_parts_with_the_names_of_its_rows_in_each(int rows)
    {
        var lines = LatexTable.Of(OfNumbers(20, rows)).Split('\n');
        Assert.Equal(2, lines.Count(line => line.StartsWith("Name & n", StringComparison.Ordinal)) / (rows > 42 ? 2 : 1));
        Assert.Equal(2, lines.Count(line => line.StartsWith("row 1 & ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("Name & n10 & ", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith(@"\caption", StringComparison.Ordinal));
    }

    private static ReportTable OfNumbers(int numbers, int rows = 3) => new(
        "wide", "Table 1", "Caption",
        [new("Name", ColumnKind.Words), .. Enumerable.Range(0, numbers).Select(i => new ReportColumn($"n{i}", ColumnKind.Number))],
        [
            new(null, [.. Enumerable.Range(0, rows).Select(row =>
                (IReadOnlyList<ReportCell>)[new($"row {row}"), .. Enumerable.Range(0, numbers).Select(_ => new ReportCell("12.34"))])]),
        ],
        []);

    [Fact]
    public void A_name_that_wraps_beside_many_numbers_has_a_few_lines()
    {
        var table = OfNumbers(10) with { Groups = [new(null, [[new(new string('x', 80)), .. OfNumbers(10).Groups[0].Rows[0].Skip(1)]])] };
        Assert.All(LatexColumns.Parts(table), part => Assert.InRange(LatexColumns.Of(part)[0].Em, 80 * 0.53 / 4 - 0.01, 43));
    }

    [Fact]
    public void No_line_begins_with_the_sign_of_a_per_cent() =>
        Assert.Equal(@"From 53~\% to 7.2~\%, 50\% and \% alone.", LatexText.Of("From 53 % to 7.2 %, 50% and % alone.", null));

    [Fact]
    public void A_line_of_a_spec_breaks_within_a_name_that_is_longer_than_it()
    {
        var latex = LatexReport.Of(EveryBlockIsDrawn.With(new Verbatim($"models:\n  - {{ name: {new string('x', 200)} }}")));
        Assert.Contains(@"name: x\allowbreak{}x", latex, StringComparison.Ordinal);
        Assert.Contains(@"models:\\", latex, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_names_a_table_refers_to_it()
    {
        var document = EveryBlockIsDrawn.With(
            new Paragraph("See Table 12, not Table 1 or Figure 3."),
            new ReportTable("twelfth_数", "Table 12", "Caption", [new("Head", ColumnKind.Words)], [new(null, [[new("cell")]])], []));
        Assert.Contains(@"See Table~\ref{tab:twelfth-u6570}, not Table 1 or Figure 3.", LatexReport.Of(document));
        Assert.Contains(@"\label{tab:twelfth-u6570}", LatexTable.Of((ReportTable)document.Sections[0].Blocks[1]));
    }
}
