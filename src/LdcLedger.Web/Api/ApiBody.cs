using System.Text.Json;
using LdcLedger.Specs;
using LdcLedger.Web.Requests;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Http;

namespace LdcLedger.Web.Api;

/// <summary>What is sent along with a request: one JSON object, whose fields are those that the document lists and no others.</summary>
internal static class ApiBody
{
    /// <summary>Nothing at all is an object without fields.</summary>
    /// <exception cref="RequestRefused">It is sent as something else than JSON: a form, for instance, which any page can send.</exception>
    /// <exception cref="BadQuery">It is no such object.</exception>
    public static async Task<T> ReadAsync<T>(View view) where T : class
    {
        var sent = await view.SentAsync();
        if (sent.Length > 0 && !view.Request.HasJsonContentType())
            throw new RequestRefused(
                StatusCodes.Status415UnsupportedMediaType, "not-json", "Not JSON", "What is sent here is application/json.");
        IReadOnlyList<string> known = [.. ApiJson.Options.GetTypeInfo(typeof(T)).Properties.Select(field => field.Name)];
        try
        {
            using var document = JsonDocument.Parse(sent.Length == 0 ? "{}"u8.ToArray() : sent);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new BadQuery("What is sent here is a JSON object.");
            foreach (var field in document.RootElement.EnumerateObject())
                if (!known.Contains(field.Name))
                    throw new BadQuery(
                        $"There is no field '{field.Name}' here; did you mean '{NearestName.Of(field.Name, known)}'? "
                        + $"There are {string.Join(", ", known)}.");
            return document.RootElement.Deserialize<T>(ApiJson.Options)!;
        }
        catch (JsonException wrong)
        {
            throw new BadQuery(wrong.Path is { Length: > 2 } path ? $"{path[2..]} holds something that it cannot hold."
                : "What was sent is no JSON.");
        }
    }
}
