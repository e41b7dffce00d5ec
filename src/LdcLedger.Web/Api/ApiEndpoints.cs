using System.Globalization;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Pages;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LdcLedger.Web.Api;

/// <summary>The rows of <see cref="ApiTable"/> as routes below <c>/api/v1</c>.</summary>
internal static class ApiEndpoints
{
    public const string Root = "/api/v1";

    private const string Json = "application/json; charset=utf-8";

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WaitInterval = TimeSpan.FromMilliseconds(50);

    public static void MapApi(this IEndpointRouteBuilder routes, LedgerViews ledger, LedgerRules rules, Cursor cursor, ILogger log)
    {
        var kept = new KeptAnswers();
        foreach (var route in ApiTable.All(cursor))
        {
            Delegate handler = async (HttpContext context) => await AnswerAsync(context, route, ledger, rules, kept, log);
            var endpoint = routes.MapMethods(Root + route.Pattern, [route.Method], handler)
                .WithName(route.Name).WithSummary(route.Words).WithTags(route.Tag)
                .WithMetadata(route, route.Access);
            endpoint.Produces(StatusCodes.Status200OK, route.Answer == typeof(RawAnswer) ? null : route.Answer, route.MediaType);
            foreach (var status in (int[])[400, 401, 403, 404, 503])
                endpoint.Produces<Problem>(status, Problem.ContentType);
        }
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context, ApiRoute route, LedgerViews ledger, LedgerRules rules, KeptAnswers kept, ILogger log)
    {
        try
        {
            var view = await View.OfAsync(context, ledger, rules, route.Parameters);
            if (view.Whole(QueryParameter.Wait.Name, 0, long.MaxValue) is { } place && place > view.State.Position
                && (view = await WaitedAsync(context, route, ledger, rules, place)) is null)
                return Results.Empty;
            context.Response.Headers["Ledger-Position"] = view.State.Position.ToString(CultureInfo.InvariantCulture);
            var isTagged = route is { Method: "GET", IsOfLedgerAlone: true };
            if (isTagged && ViewTag.Answers(view))
                return Results.Empty;
            if (isTagged && !route.IsExport)
            {
                await (await kept.OfAsync(ViewTag.Of(view), () => WriteAsync(route, view), view.Cancellation)).SendAsync(context);
                return Results.Empty;
            }
            var answer = await route.LoadAsync(view);
            return answer is RawAnswer raw ? Results.Bytes(raw.Content, raw.ContentType, raw.FileName)
                : Results.Json(answer, ApiJson.Options, Json);
        }
        catch (NotThere none)
        {
            await Problem.SendAsync(context, 404, "not-there", "Not there", none.Message);
        }
        catch (Exception refused) when (refused is BadQuery or RuleViolation)
        {
            await Problem.SendAsync(context, 400, "not-understood", "Not understood", refused.Message);
        }
        catch (BadHttpRequestException refused)
        {
            await Problem.SendAsync(context, refused.StatusCode, "too-large", "Not taken", "What was sent is too large or broken off.");
        }
        catch (Exception cause) when (cause is NpgsqlException or LedgerUnavailable or TimeoutException or IOException)
        {
            log.LogInformation("{Path} could not be answered: {Reason}", context.Request.Path, cause.Message);
            await Problem.SendAsync(context, 503, "ledger-away", "The ledger is away", PageEndpoints.LedgerIsAway);
        }
        catch (Exception cause) when (cause is not (OperationCanceledException or OutOfMemoryException))
        {
            log.LogError(cause, "{Path} could not be answered", context.Request.Path);
            await Problem.SendAsync(context, 500, "went-wrong", "This went wrong", PageEndpoints.WentWrong);
        }
        return Results.Empty;
    }

    private static async Task<KeptAnswer> WriteAsync(ApiRoute route, View view)
    {
        var answer = await route.LoadAsync(view);
        return answer is RawAnswer raw ? new(raw.Content, raw.ContentType, raw.FileName)
            : new(JsonSerializer.SerializeToUtf8Bytes(answer, answer.GetType(), ApiJson.Options), Json);
    }

    // Whoever has just written something reads it here; nobody else waits for a read model.
    private static async Task<View?> WaitedAsync(
        HttpContext context, ApiRoute route, LedgerViews ledger, LedgerRules rules, long place)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(WaitTimeout);
        try
        {
            while ((await ledger.StateAsync(limit.Token)).Position < place)
                await Task.Delay(WaitInterval, TimeProvider.System, limit.Token);
            return await View.OfAsync(context, ledger, rules, route.Parameters);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            var at = (await ledger.StateAsync(context.RequestAborted)).Position;
            await Problem.SendAsync(context, 504, "not-there-yet", "Not there yet", string.Create(CultureInfo.InvariantCulture,
                $"The read models are at {at} and have not reached {place} within {WaitTimeout.TotalSeconds:0} s."));
            return null;
        }
    }
}
