using System.Text.Json.Nodes;
using AngleSharp.Html.Parser;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests;
using Xunit;

namespace LdcLedger.Web.Tests.Browser;

/// <summary>Every string of every kind of event with markup in it: on every page it is text, and no browser makes more of it.</summary>
public sealed class MarkupTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private const string Payload =
        "<script>alert(1)</script>\"><img src=x onerror=alert(1)>'onmouseover='alert(1)</title></textarea></pre><svg onload=alert(1)>"
        + "{{constructor.constructor('alert(1)')()}}\u2028]]><!--&lt;b&gt;<iframe src=javascript:alert(1)>${7*7}<b>javascript:alert(1) ";

    // Words of a closed set: with another they would be no event.
    private static readonly IReadOnlySet<string> Words = new HashSet<string>
    {
        "role", "tuning", "regimes", "groups", "group", "projection", "measure", "over", "combine", "seeds", "ties", "perplexity",
        "outcome", "schedule", "dtype", "base", "format", "lossOn", "onBadRecord", "template",
    };

    // Names in reports, rules that are tried and runs beside each other: InputAttackTests. The others show nothing that anybody named.
    private static readonly IReadOnlyList<string> Elsewhere =
    [
        "/studies/{study}/report", "/studies/{study}/playground", "/compare", "/reports/diff", "/reports/verify", "/status", "/reference",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "14")]
    public async Task It_is_text_on_every_page_and_runs_in_no_browser()
    {
        var study = await RecordAsync();
        var paths = await PathsAsync(study);
        Assert.Equal(
            ledger.Web.Routes.Select(r => r.Metadata.GetMetadata<Web.Pages.PageRoute>()?.Pattern).OfType<string>().Distinct()
                .Except(Elsewhere).Order(),
            paths.Select(p => p.Pattern).Distinct().Order());
        using var client = ledger.Operator();
        foreach (var (_, path) in paths)
        {
            var text = await client.GetStringAsync(path, Cancellation);
            var page = new HtmlParser().ParseDocument(text);
            Assert.True(page.DocumentElement.TextContent.Contains(Payload[..25], StringComparison.Ordinal), $"{path} shows none of it");
            Assert.All(page.QuerySelectorAll("script"), script => Assert.StartsWith("/assets/", script.GetAttribute("src")));
            Assert.Empty(page.QuerySelectorAll("img, iframe, object, embed, base, b"));
            // A figure of the report's, or bars with words; the payload's own has neither.
            Assert.All(page.QuerySelectorAll("svg"), svg => Assert.True(
                svg.Closest(".figure") is not null
                || (svg.ClassName is "lane" or "trend" || svg.ParentElement!.ClassName == "key")
                    && svg.QuerySelectorAll("*").All(e => e.LocalName is "rect" or "title"),
                svg.OuterHtml));
            Assert.DoesNotContain(page.All.SelectMany(e => e.Attributes), a => a.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(page.All.SelectMany(e => e.Attributes), a => a.Name is "href" or "src" or "action" or "formaction"
                && a.Value.TrimStart().StartsWith("javascript:", StringComparison.OrdinalIgnoreCase));
        }
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "");
        open.Page.Dialog += async (_, dialog) =>
        {
            Assert.Fail($"{open.Page.Url} runs {dialog.Message}");
            await dialog.DismissAsync();
        };
        foreach (var (_, path) in paths.DistinctBy(p => p.Pattern))
            await open.Page.GotoAsync(new Uri(ledger.Web.Url!, path).ToString());
        Assert.Empty(open.Wrong);
    }

    [Fact]
    [Trait("Attack", "17")]
    public async Task What_LaTeX_would_run_is_written_as_it_is_read()
    {
        const string evil = @"\input{/etc/passwd}\write18{id}$x^2$~#%&_";
        const string shown = @"{\textbackslash{}input\{/etc/passwd\}\textbackslash{}write18\{id\}\$x\textasciicircum{}2\$"
            + @"\textasciitilde{}\#\%\&\_: a";
        var (study, runs) = Samples.Study("latex");
        await ledger.RecordAsync([study with { Name = evil }, .. runs]);
        using var client = ledger.Operator();
        var page = new HtmlParser().ParseDocument(await client.GetStringAsync($"studies/{study.StudyId}", Cancellation));
        var cited = page.QuerySelectorAll("section[aria-labelledby=cite] pre").Select(pre => pre.TextContent).ToList();
        Assert.Collection(cited,
            bib => Assert.StartsWith("@misc{", bib, StringComparison.Ordinal),
            item => Assert.StartsWith(@"\bibitem{", item, StringComparison.Ordinal));
        Assert.All(cited, text => Assert.DoesNotContain(@"\input{", text, StringComparison.Ordinal));
        Assert.All(cited, text => Assert.Contains(shown, text, StringComparison.Ordinal));
    }

    private async Task<Guid> RecordAsync()
    {
        var facts = Samples.EveryEvent().Where(e => e is not LedgerSealed and not StudyCompleted).Select(WithMarkup).ToList();
        await ledger.RecordAsync([.. facts.Where(f => f is IStudyEvent)]);
        foreach (var fact in facts.Where(f => f is not IStudyEvent))
            await ledger.RecordAsync([fact]);
        await new WorkerRegister(ledger.Store).SayAsync(
            new(
                $"{Payload}w", $"{Payload}h", $"{Payload}d", [$"{Payload}l"], $"{Payload}v", TimeProvider.System.GetUtcNow(),
                $"{Payload}now",
                facts.OfType<IRunEvent>().First().RunId, 1, $"{Payload}t", 1, 2, 3, 4, 0, $"{Payload}n"), Cancellation);
        return facts.OfType<StudySubmitted>().Single().StudyId;
    }

    // The same change everywhere, so that what belongs together still does.
    private static ILedgerEvent WithMarkup(ILedgerEvent fact)
    {
        var kind = EventKinds.Of(fact);
        var json = System.Text.Json.JsonSerializer.SerializeToNode(fact, kind.Record, LedgerJson.Options)!;
        Mark(json, "");
        return LedgerJson.Read(kind, json.ToJsonString());
    }

    private static void Mark(JsonNode node, string name)
    {
        if (node is JsonObject fields)
            foreach (var (key, value) in fields.ToList())
                if (Marked(value, key) is { } text)
                    fields[key] = text;
                else if (value is not null)
                    Mark(value, key);
        if (node is JsonArray items)
            for (var i = 0; i < items.Count; i++)
                if (Marked(items[i], name) is { } text)
                    items[i] = text;
                else if (items[i] is { } item)
                    Mark(item, name);
    }

    private static string? Marked(JsonNode? value, string name) =>
        value is JsonValue v && v.TryGetValue<string>(out var text) && !Words.Contains(name) && !Guid.TryParse(text, out _)
            && !(text.Length == 64 && text.All(char.IsAsciiHexDigitLower))
            ? Payload + text : null;

    private async Task<IReadOnlyList<(string Pattern, string Path)>> PathsAsync(Guid study)
    {
        var events = (await new Ledger.Views.LedgerViews(ledger.Store, TimeProvider.System)
            .EventsAsync(null, null, 0, long.MaxValue, 10_000, Cancellation)).Items
            .Where(e => e.Data.Contains("alert(1)", StringComparison.Ordinal)).ToList();
        Assert.True(events.Count >= 20, $"{events.Count} events have a text");
        var run = events.Select(e => e.Fact).OfType<IRunEvent>().First().RunId;
        return
        [
            ("/", ""), ("/studies/{study}", $"studies/{study}"), ("/studies/{study}/map", $"studies/{study}/map"),
            ("/studies/{study}/rankings", $"studies/{study}/rankings"), ("/studies/{study}/stage2", $"studies/{study}/stage2"),
            ("/studies/{study}/work", $"studies/{study}/work"),
            ("/runs", "runs"), ("/runs/{run}", $"runs/{run}"), ("/workers", "workers"), ("/ledger", "ledger"),
            .. events.Select(e => ("/events/{event}", $"events/{e.Id}")),
        ];
    }
}
