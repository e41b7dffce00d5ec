using System.Net;
using System.Text.Json;
using AngleSharp.Html.Parser;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Reports;
using LdcLedger.Reports.Figures;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>A figure that is taken away is the one that is seen, and the report's.</summary>
public sealed class FigureTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_figure_of_the_report_is_given_away_byte_for_byte()
    {
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
        var folder = Directory.CreateTempSubdirectory("ldc-figures-").FullName;
        try
        {
            ReportFiles.Write(StudyReport.Build(facts), folder, ["figures"], cancellation: TestContext.Current.CancellationToken);
            using var client = ledger.Operator();
            var told = JsonDocument.Parse(
                await client.GetStringAsync($"api/v1/studies/{ledger.Finished}/figures", Cancellation)).RootElement;
            var names = told.GetProperty("items").EnumerateArray().Select(f => f.GetProperty("name").GetString()!)
                .Where(name => !name.StartsWith("fig_rank_", StringComparison.Ordinal)).ToList();
            var written = Directory.GetFiles(Path.Combine(folder, "figures"), "*.svg").Select(f => Path.GetFileNameWithoutExtension(f)!);
            Assert.Equal(written.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
            foreach (var name in names.Where((_, i) => i % 4 == 0))
                foreach (var form in (string[])["svg", "png"])
                    Assert.Equal(
                        await File.ReadAllBytesAsync(Path.Combine(folder, "figures", $"{name}.{form}"), Cancellation),
                        await client.GetByteArrayAsync($"api/v1/studies/{ledger.Finished}/figures/{name}.{form}", Cancellation));
            var csv = await client.GetStringAsync($"api/v1/studies/{ledger.Finished}/figures/fig_norm_model-1_domain-1.csv", Cancellation);
            Assert.Equal(1 + 3 * Ledger.Tests.Samples.Layers, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Under_every_figure_of_a_page_stand_links_to_its_files()
    {
        using var client = ledger.Operator();
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
        var run = facts.Norms[0].Id;
        foreach (var path in (string[])
            [$"studies/{ledger.Finished}/map", $"studies/{ledger.Finished}/rankings?history=yes", $"runs/{run}",
                $"compare?study={ledger.Finished}&model=model-2&stage=1"])
        {
            var page = new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
            var figures = page.QuerySelectorAll(".figure");
            Assert.NotEmpty(figures);
            Assert.All(figures, figure => Assert.Equal(["SVG", "PNG", "CSV"], figure.QuerySelectorAll("a").Select(a => a.TextContent)));
            foreach (var link in figures[0].QuerySelectorAll("a"))
            {
                using var file = await client.GetAsync(link.GetAttribute("href"), Cancellation);
                var what = $"{path}: {link.GetAttribute("href")}: {file.StatusCode}";
                Assert.True(file.IsSuccessStatusCode, what);
                Assert.Equal("attachment", file.Content.Headers.ContentDisposition!.DispositionType);
                var isSvg = file.Content.Headers.ContentType!.MediaType == "image/svg+xml";
                var policy = file.Headers.GetValues("Content-Security-Policy").Single();
                Assert.Equal(isSvg, policy.StartsWith("sandbox", StringComparison.Ordinal));
            }
        }
        // Also under the heat maps, which are tables here and pictures there.
        var map = new HtmlParser().ParseDocument(await client.GetStringAsync($"studies/{ledger.Finished}/map", Cancellation));
        Assert.Equal(map.QuerySelectorAll("table.heat").Length, map.QuerySelectorAll("a[href*='fig_layer_'][href*='.png']").Length);
    }

    [Fact]
    public async Task What_is_no_figure_is_answered_with_the_nearest_that_is()
    {
        using var client = ledger.Operator();
        using var wrong = await client.GetAsync($"api/v1/studies/{ledger.Finished}/figures/fig_nrom_model-1_domain-1.svg", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, wrong.StatusCode);
        Assert.Contains("did you mean 'fig_norm_model-1_domain-1'?",
            JsonDocument.Parse(await wrong.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("detail").GetString(),
            StringComparison.Ordinal);
        using var form = await client.GetAsync($"api/v1/studies/{ledger.Finished}/figures/fig_norm_model-1_domain-1.eps", Cancellation);
        Assert.Contains("its forms are svg, png, csv", await form.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_drawn_at_once_are_the_same_as_one()
    {
        var facts = await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
        var figures = StudyFigures.Of(facts, facts.Study.Rule).All;
        var one = figures.Select(FigureFiles.SvgFile).ToList();
        var many = await Task.WhenAll(Enumerable.Range(0, 64).Select(
            i => Task.Run(() => (i, FigureFiles.SvgFile(figures[i % figures.Count])))));
        Assert.All(many, drawn => Assert.Equal(one[drawn.i % figures.Count], drawn.Item2));
        Assert.All(one, svg => Assert.DoesNotContain("style=", svg, StringComparison.Ordinal));
    }
}
