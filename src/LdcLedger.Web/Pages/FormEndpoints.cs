using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Web.Access;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace LdcLedger.Web.Pages;

/// <summary>The rows of <see cref="FormTable"/> as routes. What is refused is said in a sentence; what is done shows on the page
/// after.</summary>
internal static class FormEndpoints
{
    public static void MapForms(
        this IEndpointRouteBuilder routes, IReadOnlyList<FormRoute> forms, LedgerViews ledger, LedgerRules rules, ILogger log)
    {
        foreach (var form in forms)
            routes.MapPost(form.Pattern, context => PageEndpoints.SayAsync(context, log, () => AskAsync(context, form, ledger, rules)))
                .WithMetadata(RouteAccess.Operators);
    }

    private static async Task AskAsync(HttpContext context, FormRoute form, LedgerViews ledger, LedgerRules rules)
    {
        var view = await View.OfAsync(context, ledger, rules, []);
        var sent = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted)
            : context.Request.ContentLength is null or 0 ? FormCollection.Empty
            : throw new BadQuery("What is sent here is a form; scripts use the API, /api/v1.");
        context.Response.Headers.Location = await form.AskAsync(view, sent);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
    }
}
