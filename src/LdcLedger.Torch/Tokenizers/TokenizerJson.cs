using System.Text.Json;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// A place inside a tokenizer's JSON: reads values by name and, where they are missing, of another kind or of an unknown type, says so in
/// one sentence that names file, place, value and what is allowed.
/// </summary>
internal readonly record struct TokenizerJson(JsonElement Value, string File, string Path)
{
    public InvalidInputException Wrong(string what) => new($"{File}: {(Path.Length == 0 ? "the document" : Path)} {what}.");

    public TokenizerJson this[string name]
    {
        get
        {
            if (Value.ValueKind != JsonValueKind.Object)
                throw Wrong($"is {Kind(Value)}, but an object is needed");
            return Value.TryGetProperty(name, out var child)
                ? new TokenizerJson(child, File, Path.Length == 0 ? name : $"{Path}.{name}")
                : throw Wrong($"has no \"{name}\"");
        }
    }

    /// <summary>The member, or null where it is absent or JSON's null.</summary>
    public TokenizerJson? Maybe(string name) =>
        Value.ValueKind == JsonValueKind.Object && Value.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null
            ? this[name] : null;

    public IEnumerable<TokenizerJson> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
            throw Wrong($"is {Kind(Value)}, but a list is needed");
        var (file, path) = (File, Path);
        return Value.EnumerateArray().Select((item, i) => new TokenizerJson(item, file, $"{path}[{i}]"));
    }

    public IEnumerable<(string Name, TokenizerJson Value)> Members()
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Wrong($"is {Kind(Value)}, but an object is needed");
        var (file, path) = (File, Path);
        return Value.EnumerateObject()
            .Select(member => (NameOf(member, file, path), new TokenizerJson(member.Value, file, $"{path}[\"{member.Name}\"]")));
    }

    private static string NameOf(JsonProperty member, string file, string path)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)   // half a surrogate pair
        {
            throw new InvalidInputException($"{file}: {path} has a name that is not valid Unicode.");
        }
    }

    public string Text()
    {
        if (Value.ValueKind != JsonValueKind.String)
            throw Wrong($"is {Kind(Value)}, but a text is needed");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)   // half a surrogate pair
        {
            throw Wrong("is not valid Unicode");
        }
    }

    public int Number() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) && number >= 0
        ? number : throw Wrong($"is {Value.GetRawText()}, but a whole number of 0 or more is needed");

    public bool Flag() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong($"is {Kind(Value)}, but true or false is needed"),
    };

    public bool Flag(string name, bool otherwise) => Maybe(name)?.Flag() ?? otherwise;

    /// <summary>The error of a component whose type is not one of <paramref name="known"/>.</summary>
    public InvalidInputException UnknownType(string known) =>
        Wrong($"is of the type \"{Maybe("type")?.Text() ?? "(none)"}\", which is not supported; supported are {known}");

    /// <summary>The pattern of a Split or Replace: {"String": …} or {"Regex": …}.</summary>
    public SplitPattern Pattern()
    {
        var place = this;
        if (Maybe("String") is { } literal)
            return SplitPattern.Literal(literal.Text());
        if (Maybe("Regex") is { } regex)
            return SplitPattern.Parse(regex.Text(), what => place.Wrong($"holds the regular expression /{regex.Text()}/, which {what}"));
        throw Wrong("is neither {\"String\": …} nor {\"Regex\": …}");
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => throw new InvalidOperationException($"A JSON value of the kind {value.ValueKind} has no name."),
    };
}
