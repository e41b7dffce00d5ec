using System.Text.Json;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/reference</c>: the API's own document, to be read.</summary>
public sealed partial class ReferencePage
{
    private const string SchemaPrefix = "#/components/schemas/";

    [Parameter, EditorRequired]
    public required View View { get; set; }

    [Parameter, EditorRequired]
    public required JsonElement Document { get; set; }

    internal static async Task<ShownPage> LoadAsync(View view, WebParts parts) =>
        ShownPage.Of<ReferencePage>((nameof(Document), await parts.Document(view.Cancellation)));

    private IEnumerable<(string Path, string Method, JsonElement Operation)> Operations =>
        from path in Document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select (path.Name, operation.Name.ToUpperInvariant(), operation.Value);

    private IEnumerable<JsonProperty> Schemas => Document.GetProperty("components").GetProperty("schemas").EnumerateObject();

    /// <summary>What is sent to a route.</summary>
    private static IEnumerable<(string Media, JsonElement? Schema)> Sent(JsonElement operation) =>
        operation.TryGetProperty("requestBody", out var body) ? Content(body) : [];

    /// <summary>What a route answers with where all went well; where it has several such answers, these are of one form.</summary>
    private static IEnumerable<(string Media, JsonElement? Schema)> Answers(JsonElement operation) =>
        Content(operation.GetProperty("responses").EnumerateObject().First(status => status.Name[0] == '2').Value);

    // A media type, and its schema where it has one.
    private static IEnumerable<(string Media, JsonElement? Schema)> Content(JsonElement of) =>
        of.TryGetProperty("content", out var content)
            ? content.EnumerateObject().Select(media => (
                media.Name, media.Value.TryGetProperty("schema", out var schema) ? schema : (JsonElement?)null))
            : [];

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var text) ? text.GetString() ?? "" : "";

    /// <summary>A type in words, and the schema that it names; null: none.</summary>
    private static (string Words, string? Schema) TypeOf(JsonElement schema)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()![SchemaPrefix.Length..];
            return (name, name);
        }
        if (schema.TryGetProperty("items", out var items) && TypeOf(items) is var item)
            return ($"list of {item.Words}", item.Schema);
        if (schema.TryGetProperty("additionalProperties", out var values) && values.ValueKind == JsonValueKind.Object)
            return ($"by name: {TypeOf(values).Words}", TypeOf(values).Schema);
        foreach (var choice in (string[])["anyOf", "oneOf"])
            if (schema.TryGetProperty(choice, out var choices))
            {
                var all = choices.EnumerateArray().Select(TypeOf).ToList();
                return (string.Join(" or ", all.Select(one => one.Words)), all.Select(one => one.Schema).FirstOrDefault(s => s is { }));
            }
        if (!schema.TryGetProperty("type", out var type))
            return ("anything", null);
        return type.ValueKind == JsonValueKind.Array
            ? (string.Join(" or ", type.EnumerateArray().Select(t => t.GetString())), null) : (type.GetString()!, null);
    }
}
