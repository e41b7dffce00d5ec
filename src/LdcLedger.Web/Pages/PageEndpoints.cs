using System.Globalization;
using System.Text;
using LdcLedger.Domain;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Views;
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
        this IEndpointRouteBuilder routes, LedgerViews ledger, LedgerRules rules, Cursor cursor, Func<IReadOnlyList<PublicSealKey>?> keys,
        ILogger log)
    {
        var kept = new KeptAnswers();
        foreach (var page in PageTable.All(cursor, keys))
            routes.MapGet(page.Pattern, context => AnswerAsync(context, page, ledger, rules, kept, log)).WithMetadata(page.Access);
    }

    private static async Task AnswerAsync(
        HttpContext context, PageRoute page, LedgerViews ledger, LedgerRules rules, KeptAnswers kept, ILogger log)
    {
        try
        {
            // A page that asks for its own parts takes those alone, and its head with the name is not among them.
            var isPart = context.Request.Headers.ContainsKey("HX-Request");
            var view = await View.OfAsync(context, ledger, rules, page.Query, isNameless: isPart);
            if (!view.Viewer.IsBound)
                context.Response.Headers["Ledger-Position"] = view.State.Position.ToString(CultureInfo.InvariantCulture);
            if (page.IsOfLedgerAlone && ViewTag.Answers(view))
                return;
            var answer = page.IsOfLedgerAlone
                ? await kept.OfAsync(ViewTag.Of(view), () => DrawAsync(context, page, view), view.Cancellation)
                : await DrawAsync(context, page, view);
            await answer.SendAsync(context);
        }
        catch (NotThere none)
        {
            await MessageAsync(context, StatusCodes.Status404NotFound, "Not found", none.Message);
        }
        catch (Exception refused) when (refused is BadQuery or RuleViolation)
        {
            await MessageAsync(context, StatusCodes.Status400BadRequest, "Not understood", refused.Message);
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
        var parameters = ParameterView.FromDictionary(shown.Parameters.Append(new("View", view)).ToDictionary());
        var services = context.RequestServices;
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            using var html = new StringWriter(CultureInfo.InvariantCulture);
            (await renderer.RenderComponentAsync(shown.Component, parameters)).WriteHtmlTo(html);
            return new KeptAnswer(Encoding.UTF8.GetBytes(html.ToString()), "text/html; charset=utf-8");
        });
    }

    public const string LedgerIsAway =
        "The ledger's database cannot be reached at the moment. Nothing that was recorded is lost; `ldc doctor` says what is wrong.";

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
        })
        {
            StatusCode = status,
        }.ExecuteAsync(context);
    }
}
