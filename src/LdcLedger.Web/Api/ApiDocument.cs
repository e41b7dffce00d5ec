using System.Text.Json;
using System.Text.RegularExpressions;
using LdcLedger.Web.Access;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace LdcLedger.Web.Api;

/// <summary>
/// The API's own description, OpenAPI 3.1, at <c>/api/v1/openapi.json</c>: made from the rows of <see cref="ApiTable"/> and the types of
/// their answers. A copy stands in the tests, so that a change of the contract is seen.
/// </summary>
internal static partial class ApiDocument
{
    private const string Name = "v1";

    public static void Add(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => ApiJson.Configured(json.SerializerOptions));
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            // Pages and streams are no part of it.
            options.ShouldInclude = described => described.ActionDescriptor.EndpointMetadata.OfType<ApiRoute>().Any();
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new()
                {
                    Title = "LdcLedger", Version = "v1",
                    Description = "The research ledger over HTTP. Every answer carries Ledger-Position and an ETag. A route about a study "
                        + "takes `at`, a position of it: its numbers are then the same for ever.",
                };
                document.Servers = null;   // wherever it is
                return Task.CompletedTask;
            });
            options.AddSchemaTransformer((schema, context, _) =>
            {
                // A number that is none is written as a text: what the library says of such a type is no schema.
                var type = context.JsonTypeInfo.Type;
                if (type == typeof(double) || type == typeof(double?))
                {
                    schema.AnyOf = null;
                    schema.Type = JsonSchemaType.Number | JsonSchemaType.String
                        | (type == typeof(double?) ? JsonSchemaType.Null : default);
                    schema.Pattern = "^(NaN|-?Infinity)$";
                }
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(async (operation, context, cancellation) =>
            {
                var route = context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiRoute>().Single();
                operation.Parameters =
                [
                    .. PathParameter().Matches(route.Pattern).Select(p => Parameter(
                        new(p.Groups[1].Value, "string", Words(p.Groups[1].Value)), ParameterLocation.Path)),
                    .. route.Query.Append(QueryParameter.Wait).Select(q => Parameter(q, ParameterLocation.Query)),
                    .. route.Access == RouteAccess.Operators ? [Parameter(Match, ParameterLocation.Header)] : (OpenApiParameter[])[],
                ];
                if (route.Body is { } body)
                    operation.RequestBody = new OpenApiRequestBody
                    {
                        Required = body != typeof(ReasonBody),
                        Content = new Dictionary<string, OpenApiMediaType>
                        {
                            [route.BodyMediaType] = new() { Schema = await context.GetOrCreateSchemaAsync(body, null, cancellation) },
                        },
                    };
            });
        });
    }

    private static readonly QueryParameter Match = new(
        "If-Match", "string", "A position in quotes: only while the study, or the ledger, is there. Else 412.");

    /// <summary>The document as it is served.</summary>
    public static async Task<JsonElement> OfAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync(cancellation);
        using var json = JsonDocument.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellation));
        return json.RootElement.Clone();
    }

    private static OpenApiParameter Parameter(QueryParameter parameter, ParameterLocation where) => new()
    {
        Name = parameter.Name, In = where, Required = where == ParameterLocation.Path, Description = parameter.Words,
        Schema = new OpenApiSchema
        {
            Type = parameter.Type switch
            {
                "string" => JsonSchemaType.String,
                "integer" => JsonSchemaType.Integer,
                "boolean" => JsonSchemaType.Boolean,
                _ => throw new InvalidOperationException($"'{parameter.Type}' is no type of a parameter."),
            },
        },
    };

    private static string Words(string part) => part switch
    {
        "study" => "A study's id, an unambiguous prefix of it, or its name (the newest of that name).",
        "run" => "A run's id, or an unambiguous prefix of it.",
        "rule" => "NAME, which is its newest version, or NAME@VERSION.",
        "sha256" => "SHA-256 of its content, in lower case.",
        "verification" => "Its number: 1, 2, ... since the process began.",
        "format" => "Of a report pdf, html, tex, md, json, or zip: the tables as CSV. Of a figure svg, png or csv.",
        "figure" => "A figure's name.",
        "event" => "An event's id, or an unambiguous prefix of it.",
        _ => throw new InvalidOperationException($"Nothing is said of '{part}' in the document."),
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();
}
