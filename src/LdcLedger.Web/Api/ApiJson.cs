using System.Text.Json;
using System.Text.Json.Serialization;

namespace LdcLedger.Web.Api;

/// <summary>How answers are written: names in camelCase, numbers whole, so that they read back as the ledger has them.</summary>
internal static class ApiJson
{
    public static readonly JsonSerializerOptions Options = Whole();

    public static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        // A loss can overflow; an answer must not fail because of it.
        options.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
        return options;
    }

    private static JsonSerializerOptions Whole()
    {
        var options = Configured(new(JsonSerializerDefaults.General));
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
