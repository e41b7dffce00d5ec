using LdcLedger.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LdcLedger.Web.Pages;

/// <summary>Signing in, by a link that works once or by a token, and out.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes, LoginLinks links, Sessions sessions, Viewers viewers)
    {
        routes.MapGet("/login", context => FollowAsync(context, links, sessions)).WithMetadata(RouteAccess.Anybody);
        routes.MapPost("/session", context => SignInAsync(context, sessions, viewers)).WithMetadata(RouteAccess.Anybody);
        routes.MapPost("/session/end", SignOut).WithMetadata(RouteAccess.Anybody);
    }

    private static Task FollowAsync(HttpContext context, LoginLinks links, Sessions sessions)
    {
        if (links.Use(context.Request.Query["t"].ToString()) is { } refusal)
            return PageEndpoints.MessageAsync(context, StatusCodes.Status401Unauthorized, "Sign in", refusal, signIn: true);
        sessions.Begin(context, Viewers.Local.Token);
        SeeOther(context, "/");   // so that the code does not stay in the address
        return Task.CompletedTask;
    }

    private static async Task SignInAsync(HttpContext context, Sessions sessions, Viewers viewers)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var next = LocalPath(form["next"].ToString());
        if (await viewers.ByTextAsync(form["token"].ToString().Trim(), context.RequestAborted) is not { } viewer)
        {
            await PageEndpoints.MessageAsync(
                context, StatusCodes.Status401Unauthorized, "Sign in",
                "That is no token of this ledger, or it was revoked or is out of date.", signIn: true, next);
            return;
        }
        sessions.Begin(context, viewer.Token);
        SeeOther(context, viewer.IsBound && next == "/" ? HomeOf(viewer) : next);
    }

    private static Task SignOut(HttpContext context)
    {
        Sessions.End(context);
        SeeOther(context, "/");
        return Task.CompletedTask;
    }

    /// <summary>Where a bound reader begins: their study, at their position.</summary>
    internal static string HomeOf(Viewer bound) =>
        FormattableString.Invariant($"/studies/{bound.Study}{(bound.At is { } at ? $"?at={at}" : "")}");

    internal static void SeeOther(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = context.Request.PathBase.Value + path;
    }

    /// <summary>Where to go on: a path of this server, whatever was asked for.</summary>
    internal static string LocalPath(string? wanted) =>
        wanted is ['/', .. var rest] && !rest.StartsWith('/') && wanted.All(c => c is > ' ' and < '\x7f' and not '\\') ? wanted : "/";
}
