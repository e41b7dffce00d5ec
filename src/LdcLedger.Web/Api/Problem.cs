using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using LdcLedger.Specs;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Api;

/// <summary>What went wrong, as RFC 9457 says it: the sentence is the command line's.</summary>
/// <param name="Type"><c>urn:ldcledger:problem:</c> and a word.</param>
/// <param name="TraceId">By which the log tells more.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string TraceId)
{
    /// <summary>Of a text that was sent, what is wrong with it, and where; absent of anything else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SpecFinding>? Findings { get; init; }

    public const string ContentType = "application/problem+json";

    /// <summary>Answers with a problem; nothing where the answer has begun: the connection is cut instead.</summary>
    public static async Task SendAsync(
        HttpContext context, int status, string word, string title, string detail,
        IReadOnlyList<SpecFinding>? findings = null)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }
        response.Headers.Remove("ETag");
        (response.StatusCode, response.ContentType) = (status, ContentType);
        var problem = new Problem(
            $"urn:ldcledger:problem:{word}", title, status, detail, Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier)
        {
            Findings = findings,
        };
        await response.WriteAsync(JsonSerializer.Serialize(problem, ApiJson.Options), context.RequestAborted);
    }
}
