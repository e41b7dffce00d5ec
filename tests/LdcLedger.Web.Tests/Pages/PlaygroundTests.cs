using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>A rule that is only tried: what follows from it is what the ledger would say of it, and nothing is written.</summary>
public sealed class PlaygroundTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private const string Max = "name: mine\nover: component\ncombine: sum\n";

    [Fact]
    public async Task A_rule_is_seen_beside_the_one_in_force_with_the_runs_that_are_there_and_those_that_are_missing()
    {
        var facts = await FactsAsync();
        var before = await PositionAsync();
        var rule = AggregationRule.BlockSum with { Name = "mine", Measure = "relative", Combine = "max" };
        var diff = RuleDiff.Of(facts, facts.Study.Rule, rule);
        Assert.NotEmpty(diff.MissingRuns);
        var page = await PageAsync("name: mine\nmeasure: relative\ncombine: max\n");
        Assert.Equal("A rule: it would be mine@1.", page.QuerySelector("#findings")!.TextContent);
        Assert.Equal(
            diff.Rankings.Select(row => string.Join(' ', row.B.Select(l => l.Layer))),
            page.QuerySelectorAll("#ranks tbody tr").Select(row => row.QuerySelectorAll("td")[^2].TextContent));
        Assert.Equal(
            diff.MissingRuns.Select(run => run.Role), page.QuerySelectorAll("#missing tbody th").Select(cell => cell.TextContent));

        // Nothing but stage 1 was trained: each took 1.25 s, so that is what a missing one takes.
        Assert.Contains("about", page.QuerySelector("#runs")!.TextContent, StringComparison.Ordinal);
        Assert.All(page.QuerySelectorAll("#missing tbody tr"), row => Assert.Equal("1.3 s", row.QuerySelectorAll("td")[4].TextContent));

        var told = await TriedAsync("name: mine\nmeasure: relative\ncombine: max\n");
        Assert.Equal(1.25 * diff.MissingRuns.Count, told.GetProperty("seconds").GetDouble(), 9);
        Assert.Equal(
            diff.MissingRuns.Select(run => run.Id),
            told.GetProperty("missingRuns").EnumerateArray().Select(r => r.GetProperty("id").GetGuid()));
        Assert.False(told.GetProperty("isKnown").GetBoolean());
        Assert.Equal(before, await PositionAsync());
    }

    [Fact]
    public async Task It_begins_with_the_rule_in_force_under_a_name_of_its_own()
    {
        var page = await PageAsync(null);
        var text = page.QuerySelector("#text")!.TextContent;
        Assert.StartsWith("name: mine\n", text, StringComparison.Ordinal);
        Assert.Contains("combine: sum", text, StringComparison.Ordinal);
        Assert.Contains("No cell would target other layers.", page.QuerySelector("#trial")!.TextContent, StringComparison.Ordinal);
        var builtIn = await PageAsync("name: block-sum\n");
        Assert.Equal("block-sum of this ledger says the same.", builtIn.QuerySelector("#findings")!.TextContent);
        // A text whose first line is empty keeps it, so that findings stand at their lines.
        Assert.Equal("\nname: x\n", (await PageAsync("\nname: x\n")).QuerySelector("#text")!.TextContent);
    }

    [Theory]
    [InlineData("name: mine\ncombin: max\n", "line 2, column 1: unknown key 'combin'; did you mean 'combine'?")]
    [InlineData("name: mine\nmeasure: frobenious\n", "line 2, column 10: measure: 'frobenious' is unknown; allowed are ")]
    [InlineData("name: mine\nepoch: 9\n", "Rule mine@1 ranks by epoch 9; the study trains epochs 1 to 2.")]
    [InlineData(Max, "line 3, column 10: combine says how a block's projections become one number")]
    [InlineData("measure: rms\n", "the rule has no name.")]
    [InlineData("name: block-sum\nmeasure: rms\n", "Rule block-sum is built in and stays as it is; define yours under another name.")]
    public async Task What_is_wrong_with_it_is_said_at_its_line_and_column_as_the_command_line_does(string text, string says)
    {
        var page = await PageAsync(text);
        var found = page.QuerySelector("#trial")!.TextContent;
        Assert.Contains(says, found, StringComparison.Ordinal);
        using var client = ledger.Operator();
        using var answer = await client.PostAsync(Api, new StringContent(text), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        if (says.StartsWith("line", StringComparison.Ordinal))
        {
            var finding = problem.GetProperty("findings")[0];
            Assert.StartsWith(
                $"line {finding.GetProperty("line")}, column {finding.GetProperty("column")}: ", says, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Attack", "19")]
    public async Task No_text_wears_the_server_out_or_runs_anything()
    {
        var bomb = "name: &a [x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(0, 9).Select(
            i => $"{(char)('b' + i)}: &{(char)('b' + i)} [*{(char)('a' + i)}, *{(char)('a' + i)}, *{(char)('a' + i)}]\n"));
        (string Text, string Says)[] attacks =
        [
            (bomb, "is not allowed in a rule file; write the value out"),
            ("name: *mine\n", "the alias *mine is not allowed in a rule file"),
            ("name: !!python/object/apply:os.system [\"id\"]\n", "is not allowed in a rule file; write the plain value"),
            ("name: !System.IO.FileInfo /etc/passwd\n", "is not allowed in a rule file; write the plain value"),
            (new string('[', 100_000), "nested more than 16 deep"), ($"name: {new string('{', 5_000)}", "nested more than 16 deep"),
            ("name: mine\n---\nname: other\n", "a second document begins here"), ("", "the file is empty"),
            ("name: mine\n" + new string('#', (1 << 20) - 11), "would be"),
            ("name: ${jndi:ldap://evil}\n", "name"), ("name: ../../etc/passwd\n", "name"), ("name: \"=cmd|' /C calc'!A0\"\n", "name"),
        ];
        using var client = ledger.Operator();
        foreach (var (text, says) in attacks)
        {
            using var answer = await client.PostAsync(Api, new StringContent(text), Cancellation)
                .WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
            var body = await answer.Content.ReadAsStringAsync(Cancellation);
            if (says == "would be")
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            else
            {
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{says}: {answer.StatusCode}");
                Assert.Contains(says, body, StringComparison.Ordinal);
            }
            Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);
        }
        // Asks first whether it may be sent: who is refused while sending may find the line cut before it reads why.
        using var tooMuch = new HttpRequestMessage(HttpMethod.Post, Api) { Content = new StringContent(new string('#', 2 << 20)) };
        tooMuch.Headers.ExpectContinue = true;
        using var large = await client.SendAsync(tooMuch, Cancellation);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var bytes = await client.PostAsync(Api, new ByteArrayContent([0xff, 0xfe, 0xfd]), Cancellation);
        Assert.Contains("is not UTF-8", await bytes.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var form = await client.PostAsync(Api, new FormUrlEncodedContent([new("text", Max)]), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, form.StatusCode);
        using var nul = await client.GetAsync($"{Page}?text=name%00", Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, nul.StatusCode);
        using var elsewhere = await client.GetAsync($"{Page}?at=20%0A", Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
    }

    [Fact]
    public async Task An_earlier_position_is_ranked_by_what_stood_there()
    {
        using var client = ledger.Client(ledger.Bound);
        using var early = await client.PostAsync($"{Api}?at=2", new StringContent("name: mine\n"), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, early.StatusCode);
        Assert.Contains("has no norms yet", await early.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        var last = (await FactsAsync()).Position;
        var then = await TriedAsync("name: mine\n", $"?at={last}");
        Assert.Equal(last, then.GetProperty("at").GetProperty("position").GetInt64());
        Assert.False(then.GetProperty("at").GetProperty("isLive").GetBoolean());
    }

    private string Page => $"studies/{ledger.Finished}/playground";

    private string Api => $"api/v1/studies/{ledger.Finished}/rules:try";

    private async Task<JsonElement> TriedAsync(string text, string query = "")
    {
        using var client = ledger.Operator();
        using var answer = await client.PostAsync(Api + query, new StringContent(text, Encoding.UTF8, "application/yaml"), Cancellation);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private async Task<IHtmlDocument> PageAsync(string? text)
    {
        using var client = ledger.Operator();
        return new HtmlParser().ParseDocument(await client.GetStringAsync(
            text is null ? Page : $"{Page}?text={Uri.EscapeDataString(text)}", Cancellation));
    }

    private async Task<long> PositionAsync()
    {
        using var client = ledger.Operator();
        return JsonDocument.Parse(await client.GetStringAsync("api/v1/ledger/position", Cancellation)).RootElement
            .GetProperty("last").GetInt64();
    }

    private Task<StudyFacts> FactsAsync() =>
        LedgerQueries.AsTheyStand(ledger.Store, TimeProvider.System).FactsAsync(ledger.Finished, Cancellation);
}
