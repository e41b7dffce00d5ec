using System.Net;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>What answers, who asks, and whether everything works; and what the API can be asked.</summary>
public sealed class StatusPageTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private const string Secret = "sEcReT-0f-the-l4b";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_sees_who_they_are_and_an_operator_where_things_are()
    {
        var mine = await PageAsync("status", ledger.Token.Text);
        Assert.Contains(StudyReport.LdcVersion, mine.QuerySelector("dl")!.TextContent, StringComparison.Ordinal);
        Assert.StartsWith("this machine, operator", mine.QuerySelector("#me")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("Database", mine.QuerySelector("dl")!.TextContent, StringComparison.Ordinal);
        var theirs = await PageAsync("status", ledger.Reader);
        Assert.StartsWith("reader, reader", theirs.QuerySelector("#me")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Database", theirs.QuerySelector("dl")!.TextContent, StringComparison.Ordinal);
        using var client = ledger.Client(ledger.Reader);
        using var refused = await client.GetAsync("status?doctor=yes", Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    [Trait("Attack", "30")]
    public async Task No_secret_of_the_environment_is_told_whether_it_works_or_not()
    {
        var data = Directory.CreateTempSubdirectory("ldc-status-").FullName;
        var kept = new[] { "LDC_POSTGRES", "LDC_RABBITMQ", "LDC_DATA" }.ToDictionary(name => name, Environment.GetEnvironmentVariable);
        try
        {
            Environment.SetEnvironmentVariable("LDC_DATA", data);
            Environment.SetEnvironmentVariable("LDC_RABBITMQ", $"amqp://lab:{Secret}@127.0.0.1:1/vhost");
            foreach (var postgres in (string[])
                [$"{ledger.Store.DataSource.ConnectionString};Password={Secret}", $"Host=127.0.0.1;Port=1;Username=lab;Password={Secret}",
                    $"postgres://lab:{Secret}@nowhere.invalid/x?bad={Secret}", $"Host=;Password={Secret}"])
            {
                Environment.SetEnvironmentVariable("LDC_POSTGRES", postgres);
                using var client = ledger.Operator();
                foreach (var path in (string[])["api/v1/doctor", "status?doctor=yes", "status", "api/v1/openapi.json"])
                {
                    using var answer = await client.GetAsync(path, Cancellation);
                    var body = await answer.Content.ReadAsStringAsync(Cancellation);
                    Assert.True(answer.IsSuccessStatusCode, $"{path}: {body}");
                    Assert.DoesNotContain(Secret, body, StringComparison.Ordinal);
                    Assert.DoesNotContain(ledger.Token.Text, body, StringComparison.Ordinal);
                }
            }
            using var asking = ledger.Operator();
            var findings = JsonDocument.Parse(await asking.GetStringAsync("api/v1/doctor", Cancellation)).RootElement.GetProperty("items");
            Assert.Contains(findings.EnumerateArray(), f =>
                f.GetProperty("subject").GetString() == "RabbitMQ" && !f.GetProperty("isFine").GetBoolean());
        }
        finally
        {
            foreach (var (name, value) in kept)
                Environment.SetEnvironmentVariable(name, value);
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task The_reference_has_every_route_with_its_parameters_and_what_it_answers()
    {
        var page = await PageAsync("reference", ledger.Bound);
        var routes = ledger.Web.Routes.Where(route => route.Metadata.OfType<Web.Api.ApiRoute>().Any()).ToList();
        Assert.Equal(
            routes.Select(route => route.Metadata.OfType<Web.Api.ApiRoute>().Single().Name).Order(StringComparer.Ordinal),
            page.QuerySelectorAll("h3[id] code").Where(code => code.TextContent.Contains(" /", StringComparison.Ordinal))
                .Select(code => code.ParentElement!.Id!).Order(StringComparer.Ordinal));
        Assert.All(page.QuerySelectorAll("dd a[href^='#']"), link =>
            Assert.NotNull(page.GetElementById(link.GetAttribute("href")![1..])));
        var rankings = page.QuerySelector("#getRankingHistory")!.ParentElement!.TextContent;
        Assert.Contains("Only points from this position on.", rankings, StringComparison.Ordinal);
        Assert.Contains("RankingHistoryAnswer", rankings, StringComparison.Ordinal);
    }

    private async Task<IHtmlDocument> PageAsync(string path, string token)
    {
        using var client = ledger.Client(token);
        return new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
    }
}
