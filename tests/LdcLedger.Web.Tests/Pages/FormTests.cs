using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Tests;
using LdcLedger.Specs;
using LdcLedger.Web.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace LdcLedger.Web.Tests.Pages;

/// <summary>What an operator finds to click on pages: plain forms, whose answer is the page that shows the receipt.</summary>
public sealed class FormTests(TestLedger ledger, BrowserFixture browser) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_is_cancelled_on_its_page_and_the_page_that_follows_shows_the_receipt()
    {
        var (study, runs) = Samples.Study("cancelled on its page");
        await ledger.RecordAsync([study, .. runs]);
        var page = await SubmitAsync($"studies/{study.StudyId}", "cancel", ("reason", "<b>enough</b>"));
        var request = (StudyCancelRequested)(await ledger.HistoryAsync(study.StudyId))[^1].Fact!;
        Assert.Equal(("<b>enough</b>", "this machine"), (request.Reason, request.By));
        Shows(page, EventIds.Of(request));
        Assert.Equal($"{runs.Count + 2}", page.QuerySelectorAll("#receipt dd")[2].TextContent);   // the study's position
        Assert.Empty(page.QuerySelectorAll("#receipt b"));
    }

    [Fact]
    public async Task A_study_is_extended_a_run_retried_a_rule_defined_and_the_ledger_sealed_on_their_pages()
    {
        var (study, runs) = Samples.Study("asked for on pages");
        await ledger.RecordAsync([study, .. runs, new RunClaimed(study.StudyId, runs[1].RunId, 1, "lab-07/1", Samples.Environment),
            new RunFailed(study.StudyId, runs[1].RunId, 1, "the loss was NaN at step 3", 3, 2.5)]);
        var extended = await SubmitAsync($"studies/{study.StudyId}", "extend", ("rule", "component-frobenius@1"));
        Shows(extended, EventIds.Of(new StudyExtended(study.StudyId, AggregationRule.ComponentFrobenius, [])));
        var retried = await SubmitAsync($"runs/{runs[1].RunId}", "retry", ("reason", ""));
        Shows(retried, EventIds.Of(new RunRetryRequested(study.StudyId, runs[1].RunId, 1, "")));
        Assert.Null(retried.QuerySelector("form[action$='/retry']"));   // it has not ended any more

        var rule = AggregationRule.BlockSum with { Name = "defined-here", Top = 2 };
        var defined = await SubmitAsync("ledger", "rules", ("rule", RuleFile.Text(rule)));
        Shows(defined, EventIds.Of(new AggregationRuleDefined(rule)));
        Assert.Contains("defined-here@1", defined.QuerySelector("#rules")!.TextContent, StringComparison.Ordinal);
        var @sealed = await SubmitAsync("ledger", "seals");
        Assert.Contains("ledger_sealed", @sealed.QuerySelector("#receipt")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_was_tried_is_defined_and_the_study_extended_by_it_where_it_was_tried()
    {
        var (study, runs) = Samples.Study("tried and taken");
        await ledger.RecordAsync([study, .. runs, .. runs.SelectMany(run => Samples.Whole(run))]);
        const string Text = "name: tried-here\nmeasure: relative\ncombine: max\n";
        var address = $"studies/{study.StudyId}/playground?text={Uri.EscapeDataString(Text)}";
        var sent = (IHtmlTextAreaElement)(await PageAsync(address)).QuerySelector("form[action$='/playground'][method=post] textarea")!;
        Assert.Equal(Text, sent.TextContent);
        var extended = await SubmitAsync(address, "playground", ("rule", Text));
        var rule = RuleFile.Parse("rule", Text) with { Version = 1 };
        Shows(extended, EventIds.Of(new StudyExtended(study.StudyId, rule, [])));
        var fact = (StudyExtended)(await ledger.HistoryAsync(study.StudyId)).Last(e => e.Fact is StudyExtended).Fact!;
        Assert.Equal(("tried-here@1", "this machine"), (fact.Rule.Reference, fact.By));
        // Now the ledger knows it, and the button says no more than what is left to do.
        Assert.Equal("Extend the study by it", (await PageAsync(address)).QuerySelector("#trial details.ask summary")!.TextContent);

        // What the study could not be extended by is not defined either.
        var last = await ledger.LastAsync();
        using var refused = await PostAsync($"studies/{study.StudyId}/playground", [("rule", "name: too-late\nepoch: 9\n")]);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(last, await ledger.LastAsync());
    }

    [Fact]
    public async Task What_is_refused_is_a_sentence_in_the_page_s_own_design_and_nothing_is_recorded()
    {
        var last = await ledger.LastAsync();
        foreach (var (path, form, status, says) in ((string, (string, string)[], HttpStatusCode, string)[])
        [
            ($"studies/{ledger.Open}/extend", [("rule", "blok-sum")], HttpStatusCode.BadRequest, "did you mean"),
            ($"runs/{ledger.FirstRun}/retry", [("reason", "x")], HttpStatusCode.BadRequest, "has not ended"),
            ("ledger/rules", [("rule", "name: mine\nmesure: x\n")], HttpStatusCode.BadRequest, "rule:2:1"),
            ("studies/nowhere/cancel", [], HttpStatusCode.NotFound, "There is no study"),
        ])
        {
            using var answer = await PostAsync(path, form);
            Assert.Equal((path, status), (path, answer.StatusCode));
            var page = new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Cancellation));
            Assert.Contains(says, page.QuerySelector("main p")!.TextContent, StringComparison.Ordinal);
        }
        using var client = ledger.Operator();
        using var json = await client.PostAsync(
            $"studies/{ledger.Open}/cancel", new StringContent("{}", null, "application/json"), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, json.StatusCode);
        Assert.Equal(last, await ledger.LastAsync());
    }

    [Fact]
    public async Task A_reader_sees_no_button_and_neither_does_anybody_of_an_earlier_moment()
    {
        foreach (var (token, path) in ((string, string)[])
        [
            (ledger.Reader, $"studies/{ledger.Open}"), (ledger.Reader, "ledger"), (ledger.Reader, $"runs/{ledger.FirstRun}"),
            (ledger.Bound, $"studies/{ledger.Finished}"), (ledger.Token.Text, $"studies/{ledger.Open}?at=1"),
            (ledger.Token.Text, "ledger?at=2020-01-01"),
        ])
            Assert.Empty((await PageAsync(path, token)).QuerySelectorAll("form[method=post], details.ask"));
        Assert.NotEmpty((await PageAsync($"studies/{ledger.Open}")).QuerySelectorAll("form[method=post]"));
        Assert.NotEmpty((await PageAsync("ledger")).QuerySelectorAll("form[method=post]"));
        // An address with a receipt tells a bound reader nothing.
        Assert.Null((await PageAsync($"studies/{ledger.Finished}?receipt={ledger.FirstEvent}", ledger.Bound)).QuerySelector("#receipt"));
    }

    [Fact]
    public async Task Without_scripts_every_button_works_below_a_path_of_a_proxy_s()
    {
        var (study, runs) = Samples.Study("without scripts");
        await ledger.RecordAsync([study, .. runs]);
        await using var below = await ledger.StartAsync(ledger.Settings with { PublicUrl = new("http://127.0.0.1/lab/ldc") });
        var context = await browser.ContextAsync(new() { JavaScriptEnabled = false });
        await using (context)
        {
            var page = await context.NewPageAsync();
            var root = new Uri($"http://127.0.0.1:{below.Port}/lab/ldc/");
            await page.GotoAsync(new UriBuilder(below.Link()) { Port = below.Port }.Uri.ToString());
            await page.GotoAsync(new Uri(root, $"studies/{study.StudyId}").ToString());
            await page.GetByText("Cancel the study").First.ClickAsync();
            await page.FillAsync("form[action$='/cancel'] input[name=reason]", "no more");
            await page.ClickAsync("form[action$='/cancel'] button");
            await Assertions.Expect(page.Locator("#receipt")).ToContainTextAsync("study_cancel_requested");
            Assert.StartsWith(new Uri(root, $"studies/{study.StudyId}?receipt=").ToString(), page.Url, StringComparison.Ordinal);
            await page.GotoAsync(new Uri(root, "ledger").ToString());
            await page.GetByRole(AriaRole.Button, new() { Name = "Verify the ledger" }).ClickAsync();
            await Assertions.Expect(page.Locator("#verification")).ToContainTextAsync("Asked for by this machine");
        }
    }

    [Fact]
    public async Task A_verification_is_followed_on_the_ledger_s_page_to_its_end()
    {
        await using var open = await OpenPage.AtAsync(browser, ledger.Web, "ledger");
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Verify the ledger" }).ClickAsync();
        await Assertions.Expect(open.Page.Locator("#verification"))
            .ToContainTextAsync("everything is as it was recorded", new() { Timeout = 20_000 });
        Assert.Empty(open.Wrong);
    }

    private static void Shows(IHtmlDocument page, Guid id)
    {
        var receipt = page.QuerySelector("#receipt")!;
        Assert.Equal($"/events/{id}", receipt.QuerySelector("a")!.GetAttribute("href"));
        Assert.Matches("[0-9a-f]{64}", receipt.TextContent);
    }

    /// <summary>Sends the form that a page has for it, as a browser does, and follows.</summary>
    private async Task<IHtmlDocument> SubmitAsync(string path, string action, params (string Name, string Value)[] fields)
    {
        var form = (IHtmlFormElement)(await PageAsync(path)).QuerySelector($"form[method=post][action$='/{action}']")!;
        Assert.Equal(
            fields.Select(f => f.Name).Order(),
            form.Elements.Select(e => e.GetAttribute("name")).OfType<string>().Order());
        using var answer = await PostAsync(form.GetAttribute("action")!.TrimStart('/'), fields);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        await ledger.CatchUpAsync();
        return await PageAsync(answer.Headers.Location!.OriginalString.TrimStart('/'));
    }

    private async Task<HttpResponseMessage> PostAsync(string path, (string Name, string Value)[] fields)
    {
        using var client = ledger.Operator();
        return await client.PostAsync(
            path, new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))), Cancellation);
    }

    private async Task<IHtmlDocument> PageAsync(string path, string? token = null)
    {
        using var client = ledger.Client(token ?? ledger.Token.Text);
        return new HtmlParser().ParseDocument(await client.GetStringAsync(path, Cancellation));
    }
}
