using System.Text.Json;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Golden;

/// <summary>
/// Compares a tokenizer with recorded cases of the reference library (kind <c>tokenizer</c>): each line of the cases file has a text, its
/// ids with and without the template, and what the latter decode to.
/// </summary>
public static class TokenizerCase
{
    /// <param name="folder">The case: golden.json, tokenizer.json and the cases file that golden.json names.</param>
    /// <returns>Four checks per line; the error is the number of ids (or characters) that differ, the tolerance 0.</returns>
    public static IReadOnlyList<GoldenCheck> Verify(string folder)
    {
        using var golden = Parse(Path.Combine(folder, "golden.json"), line: null);
        string Named(string key) => golden.RootElement.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String
            ? Path.Combine(folder, value.GetString()!)
            : throw new InvalidInputException($"{Path.Combine(folder, "golden.json")} does not name the file \"{key}\".");
        var tokenizer = Tokenizer.Load(Named("tokenizer"));
        var cases = Named("cases");
        var checks = new List<GoldenCheck>();
        var number = 0;
        foreach (var line in File.Exists(cases)
            ? File.ReadLines(cases) : throw new InvalidInputException($"The cases file {cases} does not exist."))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            using var document = Parse(cases, (number, line));
            var one = document.RootElement;
            try
            {
                var text = one.GetProperty("text").GetString()!;
                var bare = Ids(one, "ids_without_special");
                Check("ids", Differences(tokenizer.Encode(text), Ids(one, "ids")));
                Check("ids_without_special", Differences(tokenizer.Encode(text, addSpecial: false), bare));
                Check("decoded", Differences<char>(tokenizer.Decode(bare).AsSpan(), one.GetProperty("decoded").GetString()));
                Check("decoded_skip_special", Differences<char>(tokenizer.Decode(bare, skipSpecial: true).AsSpan(),
                    one.GetProperty("decoded_skip_special").GetString()));
            }
            catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
            {
                throw new InvalidInputException($"Line {number} of {cases} is not a tokenizer case (text, ids, ids_without_special, "
                    + "decoded, decoded_skip_special).", e);
            }
            void Check(string what, int differences) => checks.Add(new GoldenCheck($"line {number} {what}", differences, 0));
        }
        return checks.Count > 0 ? checks : throw new InvalidInputException($"The cases file {cases} is empty.");
    }

    private static JsonDocument Parse(string file, (int Number, string Text)? line)
    {
        try
        {
            return JsonDocument.Parse(line?.Text ?? File.ReadAllText(file));
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new InvalidInputException(line is { } l
                ? $"Line {l.Number} of {file} is not valid JSON." : $"{file} cannot be read as JSON.", e);
        }
    }

    private static int[] Ids(JsonElement one, string name) => [.. one.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    private static int Differences<T>(ReadOnlySpan<T> ours, ReadOnlySpan<T> theirs) where T : IEquatable<T>
    {
        var differences = Math.Abs(ours.Length - theirs.Length);
        for (var i = 0; i < Math.Min(ours.Length, theirs.Length); i++)
            differences += ours[i].Equals(theirs[i]) ? 0 : 1;
        return differences;
    }

    private static int Differences(int[] ours, int[] theirs) => Differences<int>(ours, theirs);
}
