using System.Globalization;
using System.Text;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Specs;
using LdcLedger.Web.Access;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LdcLedger.Web.Pages;

/// <summary>The rows of <see cref="PageTable"/> as routes.</summary>
internal static class PageEndpoints
{
    public static void MapPages(
        this IEndpointRouteBuilder routes, IReadOnlyList<PageRoute> pages, Framing? framing, LedgerViews ledger, LedgerRules rules,
        ShownReports reports, ILogger log)
    {
        var (kept, ofStudies) = (new KeptAnswers(), new KeptAnswers());
        foreach (var page in pages)
        {
            var route = routes
                .MapMethods(page.Pattern, [page.Method], context => SayAsync(
                    context, log, () => AnswerAsync(context, page, ledger, rules, kept, ofStudies)))
                .WithMetadata(page, page.Access);
            if (page.Limit is { } limit)
                route.WithMetadata(limit);
            if (framing is not null && page.Method == "GET")
                route.WithMetadata(framing);
        }
        routes.MapGet(Preview, context => SayAsync(context, log, () => PreviewAsync(context, ledger, rules, reports)))
            .WithMetadata(RouteAccess.BoundReaders);
    }

    /// <summary>A report as a page of its own, which no page of ours is: for a frame.</summary>
    public const string Preview = "/studies/{study}/report/preview";

    private static async Task PreviewAsync(HttpContext context, LedgerViews ledger, LedgerRules rules, ShownReports reports)
    {
        var view = await View.OfAsync(context, ledger, rules, ["at", "rule"]);
        if (ViewTag.Answers(view))
            return;
        var form = ReportForm.Find("html");
        var file = await reports.FileAsync(view, form);
        context.Response.Headers.ContentSecurityPolicy = ResponseHeaders.Sandboxed;
        await (file with { Name = null }).SendAsync(context);
    }

    /// <param name="kept">Pages as they were sent, but for the name of whoever asked.</param>
    /// <param name="ofStudies">Pages of one study, whose bar alone is another when others have moved.</param>
    private static async Task AnswerAsync(
        HttpContext context, PageRoute page, LedgerViews ledger, LedgerRules rules, KeptAnswers kept, KeptAnswers ofStudies)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Framing>() is { } framing)
            context.Response.Headers.ContentSecurityPolicy = framing.Policy;
        // A page that asks for its own parts takes those alone, and its head with the name is not among them.
        var isPart = context.Request.Headers.ContainsKey("HX-Request");
        var view = await View.OfAsync(context, ledger, rules, page.Query, isNameless: isPart);
        if (!view.Viewer.IsBound)
            context.Response.Headers["Ledger-Position"] = view.State.Position.ToString(CultureInfo.InvariantCulture);
        var (isTagged, beside) = (page is { Method: "GET", IsOfLedgerAlone: true }, page.Beside(view));
        if (isTagged && ViewTag.Answers(view, beside))
            return;
        if (!isTagged)
        {
            await (await DrawAsync(context, page, view)).SendAsync(context);
            return;
        }
        var shared = view.Nameless();
        var answer = await kept.OfAsync(shared, ViewTag.Of(shared, beside), () => DrawAsync(context, page, shared, ofStudies));
        if (!isPart)
        {
            var name = await BytesAsync<ViewerName>(context, view);
            answer = answer.With(ViewerName.Begin, ViewerName.End, name);
        }
        await answer.SendAsync(context);
    }

    private static async Task<KeptAnswer> DrawAsync(HttpContext context, PageRoute page, View view, KeptAnswers ofStudies)
    {
        if (ViewTag.OfStudy(view) is not { } tag)
            return await DrawAsync(context, page, view);
        var drawn = await ofStudies.OfAsync(view, tag, async () => (await DrawAsync(context, page, view)).Packed());
        var bar = await BytesAsync<PositionBar>(context, view);
        return drawn.With(PositionBar.Begin, PositionBar.End, bar);
    }

    /// <summary>A component that needs nothing but the view.</summary>
    private static async Task<byte[]> BytesAsync<T>(HttpContext context, View view) where T : IComponent =>
        Encoding.UTF8.GetBytes(await MarkupAsync(context, typeof(T), [new("View", view)]));

    /// <summary>Answers; what cannot be answered becomes a page of one sentence.</summary>
    public static async Task SayAsync(HttpContext context, ILogger log, Func<Task> answer)
    {
        try
        {
            await answer();
        }
        catch (NotThere none)
        {
            await MessageAsync(context, StatusCodes.Status404NotFound, "Not found", none.Message);
        }
        catch (RequestRefused refused)
        {
            await MessageAsync(context, refused.Status, refused.Title, refused.Message);
        }
        catch (BadHttpRequestException refused)
        {
            await MessageAsync(context, refused.StatusCode, "Not taken", "What was sent is too large or broken off.");
        }
        catch (Exception refused) when (refused is BadQuery or RuleViolation or InvalidSpecException)
        {
            await MessageAsync(context, StatusCodes.Status400BadRequest, "Not understood", refused.Message);
        }
        catch (TooBusy busy)
        {
            context.Response.Headers.RetryAfter = TooBusy.RetryAfterSeconds;
            await MessageAsync(context, StatusCodes.Status429TooManyRequests, "Too busy", busy.Message);
        }
        catch (Exception cause) when (cause is NpgsqlException or LedgerUnavailable or TimeoutException or IOException)
        {
            log.LogInformation("{Path} could not be answered: {Reason}", context.Request.Path, cause.Message);
            await MessageAsync(context, StatusCodes.Status503ServiceUnavailable, "The ledger is away", LedgerIsAway);
        }
        catch (Exception cause) when (cause is not (OperationCanceledException or OutOfMemoryException))
        {
            log.LogError(cause, "{Path} could not be answered", context.Request.Path);
            await MessageAsync(context, StatusCodes.Status500InternalServerError, "This went wrong", WentWrong);
        }
    }

    private static async Task<KeptAnswer> DrawAsync(HttpContext context, PageRoute page, View view)
    {
        var shown = await page.LoadAsync(view);
        var html = await MarkupAsync(context, shown.Component, shown.Parameters.Append(new("View", view)));
        return new(Encoding.UTF8.GetBytes(html), "text/html; charset=utf-8", status: shown.Status);
    }

    private static async Task<string> MarkupAsync(
        HttpContext context, Type component, IEnumerable<KeyValuePair<string, object?>> parameters)
    {
        var services = context.RequestServices;
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            using var html = new StringWriter(CultureInfo.InvariantCulture);
            (await renderer.RenderComponentAsync(component, ParameterView.FromDictionary(parameters.ToDictionary()))).WriteHtmlTo(html);
            return html.ToString();
        });
    }

    public const string LedgerIsAway =
        "The ledger's database cannot be reached at the moment. Nothing that was recorded is lost; `ldc doctor` says what is wrong.";

    private const int AgainSeconds = 3;

    public const string WentWrong = "Something went wrong here that should not; the log of ldc says what.";

    /// <summary>A page of one sentence. Nothing where the answer has begun: the connection is cut instead.</summary>
    public static Task MessageAsync(
        HttpContext context, int status, string title, string sentence, bool signIn = false, string? next = null)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        context.Response.Headers.Remove("ETag");
        return new RazorComponentResult<MessagePage>(new Dictionary<string, object?>
        {
            [nameof(MessagePage.Title)] = title, [nameof(MessagePage.Sentence)] = sentence, [nameof(MessagePage.SignIn)] = signIn,
            [nameof(MessagePage.PathBase)] = context.Request.PathBase.Value ?? "", [nameof(MessagePage.Next)] = next,
            [nameof(MessagePage.Again)] =
                status == StatusCodes.Status503ServiceUnavailable && HttpMethods.IsGet(context.Request.Method) ? AgainSeconds : (int?)null,
        })
        {
            StatusCode = status,
        }.ExecuteAsync(context);
    }
}
