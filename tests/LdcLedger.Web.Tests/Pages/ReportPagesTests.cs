using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Tests;
using LdcLedger.Reports;
using LdcLedger.Reports.Studies;
using LdcLedger.Web.Views;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>What is given away as a report, and what is found of one that somebody brings.</summary>
public sealed class ReportPagesTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null)]
    [InlineData("component-frobenius,block-sum", 40L)]
    public async Task Every_file_is_byte_for_byte_what_ldc_report_build_writes(string? rules, long? at)
    {
        var facts = await FactsAsync(at);
        var document = rules is null ? StudyReport.Build(facts)
            : StudyReport.Build(facts, [.. rules.Split(',').Select(name => RuleBook.BuiltIn.Find(new(name, null))!)]);
        var folder = Directory.CreateTempSubdirectory("ldc-report-").FullName;
        try
        {
            ReportFiles.Write(document, folder, cancellation: TestContext.Current.CancellationToken);
            using var client = ledger.Operator();
            var query = $"?{(at is null ? "" : $"at={at}&")}{(rules is null ? "" : $"rule={rules}")}";
            foreach (var form in ReportForm.All)
            {
                using var answer = await client.GetAsync(
                    $"api/v1/studies/{ledger.Finished}/report.{form.Extension}{query}", Cancellation);
                var bytes = await answer.Content.ReadAsByteArrayAsync(Cancellation);
                Assert.True(answer.IsSuccessStatusCode, Encoding.UTF8.GetString(bytes));
                Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
                Assert.Equal(
                    $"report-{ledger.Finished:N}-{facts.Position}.{form.Extension}", answer.Content.Headers.ContentDisposition.FileName);
                Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
                if (form.Extension != "zip")
                    Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(folder, $"report.{form.Extension}"), Cancellation), bytes);
                else
                    await AreTablesOfAsync(folder, bytes);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task AreTablesOfAsync(string folder, byte[] archive)
    {
        using var zip = new ZipArchive(new MemoryStream(archive));
        Assert.Equal(
            Directory.GetFiles(folder, "*.csv", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))
                .Order(StringComparer.Ordinal),
            zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        foreach (var entry in zip.Entries)
        {
            using var content = new MemoryStream();
            await using (var stream = entry.Open())
                await stream.CopyToAsync(content, Cancellation);
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(folder, entry.FullName), Cancellation), content.ToArray());
        }
    }

    [Fact]
    [Trait("Attack", "15")]
    public async Task The_preview_is_a_page_without_an_origin_in_a_frame_that_lets_it_do_nothing()
    {
        var page = await PageAsync($"studies/{ledger.Finished}/report");
        var frame = page.QuerySelector("#preview")!;
        Assert.Equal("", frame.GetAttribute("sandbox"));
        var position = (await FactsAsync(null)).Position;
        Assert.Contains($"at={position}", frame.GetAttribute("src"), StringComparison.Ordinal);
        Assert.All(page.QuerySelectorAll("#files a"), link =>
            Assert.Contains($"at={position}", link.GetAttribute("href"), StringComparison.Ordinal));

        using var client = ledger.Operator();
        foreach (var path in (string[])[frame.GetAttribute("src")!, $"/api/v1/studies/{ledger.Finished}/report.html"])
        {
            using var report = await client.GetAsync(path, Cancellation);
            var policy = report.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("sandbox; default-src 'none';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("script", policy, StringComparison.Ordinal);
            Assert.StartsWith("<!DOCTYPE html>", await report.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
        using var other = await client.GetAsync($"api/v1/studies/{ledger.Finished}/report.docx", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        Assert.Contains(
            "its forms are pdf, html, tex, md, json, zip", await other.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_of_ours_is_known_again_and_one_that_was_changed_is_told_where()
    {
        using var client = ledger.Operator();
        foreach (var format in (string[])["pdf", "html"])
        {
            var bytes = await client.GetByteArrayAsync($"api/v1/studies/{ledger.Finished}/report.{format}?at=60", Cancellation);
            var (same, words) = await SentAsync(client, bytes, $"mine.{format}");
            Assert.Equal(HttpStatusCode.OK, same);
            Assert.Contains($"mine.{format} is what this ledger gives, byte for byte.", words, StringComparison.Ordinal);
            Assert.Contains("Position60", words, StringComparison.Ordinal);

            using var api = await client.PostAsync("api/v1/reports:verify", new ByteArrayContent(bytes), Cancellation);
            var verdict = await api.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            Assert.True(verdict.GetProperty("isSame").GetBoolean());
            Assert.Equal(60, verdict.GetProperty("position").GetInt64());
        }
        var html = await client.GetStringAsync($"api/v1/studies/{ledger.Finished}/report.html?at=60", Cancellation);
        var changed = html.Replace("Held-out perplexity", "Held-out perplexities", StringComparison.Ordinal);
        Assert.NotEqual(html, changed);
        var (other, told) = await SentAsync(client, Encoding.UTF8.GetBytes(changed), "<b>x</b>.html");
        Assert.Equal(HttpStatusCode.OK, other);
        Assert.Contains("b>.html is not what this ledger gives:", told, StringComparison.Ordinal);
        Assert.Contains("says perplexities where this ledger gives perplexity", told, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_report_of_ours_is_answered_in_a_sentence_on_the_page()
    {
        using var client = ledger.Operator();
        (byte[] Bytes, string Says)[] wrong =
        [
            ([], "is empty"), ("hello"u8.ToArray(), "is neither PDF nor HTML"), ("%PDF-1.7 nothing"u8.ToArray(), "is cut off"),
            ("<html><title>x</title></html>"u8.ToArray(), "does not say of what study it is"),
            (new byte[SentFile.Longest + 1], "larger than 20 MB"),
        ];
        foreach (var (bytes, says) in wrong)
        {
            var (status, words) = await SentAsync(client, bytes, "x.pdf");
            Assert.Equal((says, HttpStatusCode.BadRequest), (says, status));
            Assert.Contains(says, words, StringComparison.Ordinal);
            using var api = await client.PostAsync("api/v1/reports:verify", new ByteArrayContent(bytes), Cancellation);
            Assert.Equal((says, HttpStatusCode.BadRequest), (says, api.StatusCode));
            Assert.Contains(says, await api.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
        using var none = await client.PostAsync("reports/verify", new StringContent("file=x"), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        using var far = new HttpRequestMessage(HttpMethod.Post, "api/v1/reports:verify");
        far.Content = new ByteArrayContent(new byte[30 << 20]);
        far.Headers.ExpectContinue = true;   // else it is cut off while it still sends
        using var huge = await client.SendAsync(far, Cancellation);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);

        // A study that is elsewhere.
        var (study, runs) = Samples.Study("elsewhere");
        var facts = await FactsAsync(null);
        var foreign = facts with { Study = facts.Study with { Id = study.StudyId } };
        Assert.NotEmpty(runs);
        var report = ReportEngine.All.First(e => e.Format == "html").Render(StudyReport.Build(foreign));
        var (refused, sentence) = await SentAsync(client, report, "foreign.html");
        Assert.Equal(HttpStatusCode.BadRequest, refused);
        Assert.Contains($"is a report of study {study.StudyId}, which is not in this ledger", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_reports_are_compared_cell_by_cell()
    {
        var same = await PageAsync($"reports/diff?left={ledger.Finished}&right=finished");
        Assert.Equal("Every table says the same.", same.QuerySelector("#same")!.TextContent);
        var earlier = await PageAsync($"reports/diff?left={ledger.Finished}&right={ledger.Finished}&rightAt=60");
        Assert.Contains("on one side alone", earlier.QuerySelector("#same")!.TextContent, StringComparison.Ordinal);
        var told = await JsonAsync($"reports/diff?left={ledger.Finished}&right={ledger.Finished}&rightAt=60");
        Assert.False(told.GetProperty("isSame").GetBoolean());
        Assert.Equal(60, told.GetProperty("right").GetProperty("position").GetInt64());
        using var client = ledger.Operator();
        using var lacking = await client.GetAsync($"reports/diff?left={ledger.Finished}", Cancellation);
        Assert.Contains(
            "right names a study", await lacking.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_while_many_wait_is_told_to_come_back()
    {
        var work = new HeavyWork();
        var gate = new TaskCompletionSource();
        var asked = Enumerable.Range(0, HeavyWork.AtATime + HeavyWork.MostWaiting).Select(_ => work.RunAsync(async () =>
        {
            await gate.Task;
            return 1;
        }, Cancellation)).ToList();
        await Assert.ThrowsAsync<TooBusy>(() => work.RunAsync(() => 1, Cancellation));
        gate.SetResult();
        Assert.All(await Task.WhenAll(asked), one => Assert.Equal(1, one));
        Assert.Equal(1, await work.RunAsync(() => 1, Cancellation));
    }

    private static async Task<(HttpStatusCode Status, string Words)> SentAsync(HttpClient client, byte[] bytes, string name)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "file", name } };
        using var answer = await client.PostAsync("reports/verify", form, Cancellation);
        var page = new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.NotNull(page.QuerySelector("form[enctype='multipart/form-data']"));
        var found = page.QuerySelector("#found")!;
        return (answer.StatusCode, found.TextContent + (found.QuerySelector("b") is null ? "" : "<b>"));
    }

    private async Task<IHtmlDocument> PageAsync(string path)
    {
        using var client = ledger.Operator();
        return new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
    }

    private async Task<JsonElement> JsonAsync(string path)
    {
        using var client = ledger.Operator();
        return JsonDocument.Parse(await client.GetStringAsync($"api/v1/{path}", Cancellation)).RootElement;
    }

    private async Task<StudyFacts> FactsAsync(long? at) => at is { } position
        ? await ledger.Past.FactsAsync(
            await ledger.Past.MomentAsync(ledger.Finished, Ledger.Replay.AsOf.At(position), Cancellation), [], Cancellation)
        : await LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
}
