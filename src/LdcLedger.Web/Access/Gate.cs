using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LdcLedger.Web.Access;

/// <summary>Why a request is not answered.</summary>
/// <param name="Status">401, 403, 404, 405, 421, 429.</param>
public sealed record Refusal(int Status, string Sentence)
{
    /// <summary>As the API calls it, where the same is said for another reason, too.</summary>
    public string Word => Status == StatusCodes.Status404NotFound ? "not-there" : "refused";

    public string Title => Status switch
    {
        StatusCodes.Status401Unauthorized => "Sign in",
        StatusCodes.Status404NotFound => "Not found",
        _ => "Refused",
    };
}

/// <summary>
/// What every request passes before a route sees it: the name it came for, who sends it, whether the route is theirs, and, where it would
/// change something, whether a page of ours made it. A route that says nothing of access is closed.
/// </summary>
public sealed class Gate(HostNames hosts, Viewers viewers, RequestRate rate)
{
    /// <summary>Null: it may pass, and <see cref="ViewerOf"/> tells who it is.</summary>
    public async Task<Refusal?> RefusalAsync(HttpContext context)
    {
        if (!hosts.Has(context.Request.Host))
            return new(StatusCodes.Status421MisdirectedRequest, HostNames.Refusal(context.Request.Host));
        var endpoint = context.GetEndpoint();
        if (endpoint is null)
            return new(StatusCodes.Status404NotFound, "There is no such page.");
        // Routing's own answer to a method that none of the address's routes takes.
        if (endpoint is not RouteEndpoint)
            return new(StatusCodes.Status405MethodNotAllowed, $"{context.Request.Method} is not done here.");
        if (endpoint.Metadata.GetMetadata<RouteAccess>() is not { } access)
            return new(StatusCodes.Status403Forbidden, "This route is closed.");
        var (viewer, byCookie) = await viewers.OfAsync(context);
        if (viewer is not null)
            context.Items[typeof(Viewer)] = viewer;
        if (ChangesSomething(context.Request) && (byCookie || access.Needed is null) && !SameOrigin.Holds(context.Request))
            return new(StatusCodes.Status403Forbidden, "A page of another origin asked for this; it was not done.");
        if (byCookie && SameOrigin.IsPartOfAnother(context.Request) && !IsFrame(context, endpoint))
            return new(StatusCodes.Status403Forbidden, "A page of another origin asked for this; it was not answered.");
        if (access.Needed is not { } needed)
            return null;
        if (viewer is null)
            return new(StatusCodes.Status401Unauthorized, viewers.SignInSentence);
        if (viewer.IsBound && !access.ForBound)
            return new(StatusCodes.Status404NotFound, "There is no such page.");
        if (!rate.Takes(viewer))
            return new(StatusCodes.Status429TooManyRequests, "Too many requests at once; wait a second.");
        return viewer.Role >= needed ? null : new(StatusCodes.Status403Forbidden, "This needs the role of an operator; you are a reader.");
    }

    /// <exception cref="InvalidOperationException">The route lets in anybody, and this is nobody.</exception>
    public static Viewer ViewerOf(HttpContext context) => MaybeViewerOf(context)
        ?? throw new InvalidOperationException($"{context.Request.Path} is asked by nobody in particular.");

    /// <summary>Null where nobody has signed in.</summary>
    public static Viewer? MaybeViewerOf(HttpContext context) => context.Items[typeof(Viewer)] as Viewer;

    // Which origin's frame, the page's policy tells the browser.
    private static bool IsFrame(HttpContext context, Endpoint endpoint) => endpoint.Metadata.GetMetadata<Framing>() is not null
        && HttpMethods.IsGet(context.Request.Method) && context.Request.Headers["Sec-Fetch-Dest"] is ["iframe"];

    private static bool ChangesSomething(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method);
}
