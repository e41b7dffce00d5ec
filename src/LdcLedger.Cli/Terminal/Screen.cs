using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LdcLedger.Cli.Terminal;

/// <summary>Where output goes: data to stdout, messages and progress to stderr.</summary>
internal static class Screen
{
    /// <summary>Keys as in the study spec (snake_case); numbers whole, so that they read back as they were.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Bars and colour are for people: only where messages go to a terminal that can show them.</summary>
    public static bool ShowsProgress =>
        !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    public static bool HasColour =>
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or ""
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>One JSON document on stdout.</summary>
    public static void PrintJson(object document) => Console.Out.WriteLine(JsonSerializer.Serialize(document, Json));

    public static void Print(string line) => Console.Out.WriteLine(line);

    public static void Print(TextTable table) => table.Write(Console.Out, HasColour);

    public static void Say(string message) => Console.Error.WriteLine(message);

    public static void Say(IEnumerable<string> messages)
    {
        foreach (var message in messages)
            Say(message);
    }
}
