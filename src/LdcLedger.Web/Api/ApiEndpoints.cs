using System.Globalization;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Specs;
using LdcLedger.Web.Access;
using LdcLedger.Web.Pages;
using LdcLedger.Web.Requests;
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

    public static void MapApi(this IEndpointRouteBuilder routes, LedgerViews ledger, LedgerRules rules, ApiParts parts, ILogger log)
    {
        var kept = new KeptAnswers();
        foreach (var route in ApiTable.All(parts))
        {
            Delegate handler = async (HttpContext context) => await AnswerAsync(context, route, ledger, rules, kept, log);
            var endpoint = routes.MapMethods(Root + route.Pattern, [route.Method], handler)
                .WithName(route.Name).WithSummary(route.Words).WithTags(route.Tag)
                .WithMetadata(route, route.Access);
            if (route.Limit is { } limit)
                endpoint.WithMetadata(limit);
            foreach (var status in route.Statuses)
                endpoint.Produces(
                    status, route.Answer == typeof(RawAnswer) || route.Answer == typeof(StreamedAnswer) ? null : route.Answer,
                    route.MediaType);
            foreach (var status in (int[])[400, 401, 403, 404, .. route.Access == RouteAccess.Operators ? [409, 412] : (int[])[], 429, 503])
                endpoint.Produces<Problem>(status, Problem.ContentType);
        }
    }

    private static async Task<IResult> AnswerAsync(
        HttpContext context, ApiRoute route, LedgerViews ledger, LedgerRules rules, KeptAnswers kept, ILogger log)
    {
        try
        {
            var isTagged = route is { Method: "GET", IsOfLedgerAlone: true };
            var view = await View.OfAsync(context, ledger, rules, route.Parameters, isNameless: isTagged);
            if (view.Whole(QueryParameter.Wait.Name, 0, long.MaxValue) is { } place && place > view.State.Position
                && (view = await WaitedAsync(context, route, ledger, rules, place)) is null)
                return Results.Empty;
            context.Response.Headers["Ledger-Position"] = view.State.Position.ToString(CultureInfo.InvariantCulture);
            if (route is { Body: null } && context.Request.ContentLength is > 0)
                throw new BadQuery("Nothing is sent along with this request; what was sent was not looked at.");
            if (isTagged && ViewTag.Answers(view))
                return Results.Empty;
            if (isTagged && !route.IsExport)
            {
                await (await kept.OfAsync(view, ViewTag.Of(view), () => WriteAsync(route, view))).SendAsync(context);
                return Results.Empty;
            }
            switch (await route.LoadAsync(view))
            {
                case RawAnswer raw:
                    if (IsActive(raw.ContentType))
                        context.Response.Headers.ContentSecurityPolicy = ResponseHeaders.Sandboxed;
                    return Results.Bytes(raw.Content, raw.ContentType, raw.FileName);
                case LaterFile file:
                    if (IsActive(file.ContentType))
                        context.Response.Headers.ContentSecurityPolicy = ResponseHeaders.Sandboxed;
                    await file.SendAsync(context);
                    return Results.Empty;
                case StreamedAnswer streamed:
                    await streamed.SendAsync(context);
                    return Results.Empty;
                case PlacedAnswer placed:
                    context.Response.Headers.Location = view.Url(Root + placed.Place);
                    return Results.Json(placed.Answer, ApiJson.Options, Json, placed.Status);
                case var answer:
                    return Results.Json(answer, ApiJson.Options, Json);
            }
        }
        catch (NotThere none)
        {
            await Problem.SendAsync(context, 404, "not-there", "Not there", none.Message);
        }
        catch (RequestRefused refused)
        {
            await Problem.SendAsync(context, refused.Status, refused.Word, refused.Title, refused.Message);
        }
        catch (InvalidSpecException refused)
        {
            await Problem.SendAsync(context, 400, "not-valid", "Not valid", refused.Message, refused.Findings);
        }
        catch (Exception refused) when (refused is BadQuery or RuleViolation)
        {
            await Problem.SendAsync(context, 400, "not-understood", "Not understood", refused.Message);
        }
        catch (TooBusy busy)
        {
            context.Response.Headers.RetryAfter = TooBusy.RetryAfterSeconds;
            await Problem.SendAsync(context, 429, "too-busy", "Too busy", busy.Message);
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

    // A browser would do something with it: then in a sandbox of its own, wherever it is opened.
    private static bool IsActive(string contentType) => contentType.StartsWith("text/html", StringComparison.Ordinal)
        || contentType.StartsWith("image/svg", StringComparison.Ordinal);

    private static async Task<KeptAnswer> WriteAsync(ApiRoute route, View view) => await route.LoadAsync(view) switch
    {
        RawAnswer raw when !IsActive(raw.ContentType) => new(raw.Content, raw.ContentType, raw.FileName),
        RawAnswer or LaterFile or StreamedAnswer or PlacedAnswer =>
            throw new InvalidOperationException($"{route.Pattern} answers what is not kept: it is an export."),
        var answer => new(JsonSerializer.SerializeToUtf8Bytes(answer, answer.GetType(), ApiJson.Options), Json)
        {
            Next = answer is IPart { NextCursor: { } next } && view.Here(("cursor", next)) is var address
                ? address[address.IndexOf('?', StringComparison.Ordinal)..] : null,
        },
    };

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
