using LdcLedger.Domain;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Views;
using LdcLedger.Specs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace LdcLedger.Web.Pages;

/// <summary>The rows of <see cref="PageTable"/> as routes.</summary>
internal static class PageEndpoints
{
    public static void MapPages(this IEndpointRouteBuilder routes, LedgerViews ledger)
    {
        foreach (var page in PageTable.All)
            routes.MapGet(page.Pattern, context => AnswerAsync(context, page, ledger)).WithMetadata(page.Access);
    }

    private static async Task AnswerAsync(HttpContext context, PageRoute page, LedgerViews ledger)
    {
        try
        {
            CheckQuery(context.Request.Query, page.Query);
            var view = new View(context, ledger, await ledger.StateAsync(context.RequestAborted));
            var etag = PageTag.Of(context.Request, view);
            context.Response.Headers.ETag = etag;
            if (PageTag.IsKnown(context.Request, etag))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            var shown = await page.LoadAsync(view);
            await new RazorComponentResult(shown.Component, shown.Parameters.Append(new("View", view)).ToDictionary()).ExecuteAsync(context);
        }
        catch (RuleViolation refused)
        {
            await MessageAsync(context, StatusCodes.Status404NotFound, "Not found", refused.Message);
        }
        catch (BadQuery refused)
        {
            await MessageAsync(context, StatusCodes.Status400BadRequest, "Not understood", refused.Message);
        }
        catch (Exception cause) when (cause is NpgsqlException or LedgerUnavailable or TimeoutException or IOException)
        {
            await MessageAsync(context, StatusCodes.Status503ServiceUnavailable, "The ledger is away",
                "The ledger's database cannot be reached at the moment. Nothing that was recorded is lost; `ldc doctor` says what is wrong.");
        }
    }

    /// <summary>A page of one sentence.</summary>
    public static Task MessageAsync(
        HttpContext context, int status, string title, string sentence, bool signIn = false, string? next = null)
    {
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

    // A parameter that is passed over is a filter that is lost: the page would show everything.
    private static void CheckQuery(IQueryCollection query, IReadOnlyList<string> known)
    {
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name))
                throw new BadQuery(known.Count == 0 ? $"This page has no parameters; the address has '{name}'."
                    : NearestName.Of(name, known) is { } nearest ? $"This page has no parameter '{name}'; did you mean '{nearest}'?"
                    : $"This page has no parameter '{name}'; it has {string.Join(", ", known)}.");
            if (values.Count > 1)
                throw new BadQuery($"The parameter '{name}' stands in the address {values.Count} times; it is given once.");
        }
    }
}

/// <summary>The address of a page says something that the page does not know.</summary>
public sealed class BadQuery(string message) : Exception(message);
