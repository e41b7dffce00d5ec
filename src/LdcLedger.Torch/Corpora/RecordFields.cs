using System.Text.Json;

namespace LdcLedger.Torch.Corpora;

/// <summary>Under which names the records of a corpus keep what is read, where they are not the usual ones; null: the usual one.</summary>
/// <param name="Prompt">With <paramref name="Response"/>; a dot leads into an object: <c>translation.en</c>.</param>
/// <param name="Text">Instead of both.</param>
public sealed record FieldNames(string? Prompt = null, string? Response = null, string? Text = null)
{
    public IEnumerable<string> All => new[] { Prompt, Response, Text }.OfType<string>();
}

/// <summary>
/// The fields that make a record. The usual names, the first of these that is there: <c>messages</c>; <c>prompt</c> with
/// <c>response</c>; <c>text</c>; <c>conversations</c>; then other pairs of a question and its answer; <c>content</c>.
/// </summary>
/// <param name="names">What is read instead of the usual fields; null: these.</param>
internal sealed class RecordFields(FieldNames? names)
{
    private static readonly string[] Talks = ["conversations", "conversation"];

    // What may stand between question and answer (alpaca's input, dolly's context) is appended to the question.
    private static readonly (string Question, string? More, string Answer)[] Pairs =
    [
        ("prompt", null, "completion"), ("instruction", "input", "output"), ("instruction", "context", "response"),
        ("instruction", "input", "response"), ("question", null, "answer"), ("question", null, "response"), ("query", null, "response"),
        ("query", null, "answer"), ("input", null, "output"), ("problem", null, "solution"),
    ];

    public const string Needed = "\"text\", or \"prompt\" and \"response\", or \"messages\", or another usual name";

    /// <summary>Names of fields, or of the objects that hold them, of which anything may be read.</summary>
    public IReadOnlySet<string> Names { get; } = names is null
        ? ((IEnumerable<string>)["messages", "prompt", "response", "text", "content", .. Talks,
            .. Pairs.SelectMany(pair => new[] { pair.Question, pair.More, pair.Answer }.OfType<string>())]).ToHashSet()
        : names.All.SelectMany(name => (string[])[name, name.Split('.')[0]]).ToHashSet();

    /// <summary>Parts of names inside these fields of which anything may be read.</summary>
    public IReadOnlySet<string> InnerNames { get; } = ((IEnumerable<string>)["role", "content", "from", "value", "text", "type",
        .. names?.All.SelectMany(name => name.Split('.')) ?? []]).ToHashSet();

    /// <summary>Whether an object has the fields of a record.</summary>
    public bool Recognises(JsonElement fields) => HasRecord(name => Member(fields, name) is not null);

    /// <summary>Whether columns of such names make a record.</summary>
    public bool Recognises(IReadOnlyCollection<string> columns) =>
        HasRecord(name => columns.Contains(name) || columns.Contains(name.Split('.')[0]));

    private bool HasRecord(Func<string, bool> has) => names is null
        ? has("messages") || has("prompt") && has("response") || has("text") || has("content") || Talks.Any(has)
            || Pairs.Any(pair => has(pair.Question) && has(pair.Answer))
        : names.All.All(has);

    /// <summary>What is needed, as a part of a sentence.</summary>
    public string Wanted => names is null ? Needed : string.Join(" and ", names.All.Select(name => $"\"{name}\""));

    /// <param name="bad">Takes place and reason where it is none.</param>
    public CorpusRecord? Read(JsonElement fields, string place, Action<string, string> bad)
    {
        if (fields.ValueKind != JsonValueKind.Object)
        {
            bad(place, $"the record is {RecordText.Kind(fields)}, but an object is needed");
            return null;
        }
        try
        {
            if (TryRead(fields, place, out var record) is not { } reason)
                return record;
            bad(place, reason);
        }
        catch (InvalidOperationException)   // the name of a field is an escaped half of a surrogate pair
        {
            bad(place, "the record is not valid Unicode");
        }
        return null;
    }

    /// <summary>Null, or why it cannot be used.</summary>
    private string? TryRead(JsonElement fields, string place, out CorpusRecord? record)
    {
        record = null;
        if (names is not null)
            return names.Text is { } only ? Plain(fields, only, place, out record)
                : Answered(fields, (names.Prompt!, null, names.Response!), place, out record);
        if (Member(fields, "messages") is { } messages)
            return Talk(messages, "messages", place, out record);
        if (Has(fields, "prompt") && Has(fields, "response"))
            return Answered(fields, ("prompt", null, "response"), place, out record);
        if (Has(fields, "text"))
            return Plain(fields, "text", place, out record);
        if (Talks.FirstOrDefault(name => Has(fields, name)) is { } talk)
            return Talk(Member(fields, talk)!.Value, talk, place, out record);
        foreach (var pair in Pairs)
            if (Has(fields, pair.Question) && Has(fields, pair.Answer))
                return Answered(fields, pair, place, out record);
        if (Has(fields, "content"))
            return Plain(fields, "content", place, out record);
        if (Has(fields, "prompt") || Has(fields, "response"))
            return Has(fields, "response")
                ? "the record has \"response\" without \"prompt\"" : "the record has \"prompt\" without \"response\"";
        var found = string.Join(", ", fields.EnumerateObject().Take(6).Select(member => $"\"{RecordText.Shown(member)}\""));
        return $"the record has {(found.Length == 0 ? "no field" : found)}, but {Needed} is needed; domains[].fields states others";
    }

    private static string? Plain(JsonElement fields, string name, string place, out CorpusRecord? record)
    {
        record = null;
        if (Member(fields, name) is not { } value)
            return $"the record has no \"{name}\"";
        var reason = RecordText.Of(value, name, out var text);
        record = reason is null ? new CorpusRecord.Plain(text, place) : null;
        return reason;
    }

    private static string? Answered(JsonElement fields, (string Question, string? More, string Answer) names, string place,
        out CorpusRecord? record)
    {
        record = null;
        if (Member(fields, names.Question) is not { } question)
            return $"the record has no \"{names.Question}\"";
        if (Member(fields, names.Answer) is not { } answer)
            return $"the record has no \"{names.Answer}\"";
        // Both may be messages themselves, as trainers of conversations have them.
        if (question.ValueKind == JsonValueKind.Array && answer.ValueKind == JsonValueKind.Array)
        {
            var talk = RecordTurns.Read([.. question.EnumerateArray(), .. answer.EnumerateArray()], out var turns);
            record = talk is null ? new CorpusRecord.Conversation(turns, place) : null;
            return talk;
        }
        var more = "";
        var reason = RecordText.Of(question, names.Question, out var asked);
        if (reason is null && names.More is { } between && Member(fields, between) is { } context)
            reason = RecordText.Of(context, between, out more);
        var answered = "";
        reason ??= RecordText.Of(answer, names.Answer, out answered);
        if (reason is null)
            record = new CorpusRecord.Answered(string.IsNullOrWhiteSpace(more) ? asked : $"{asked}\n\n{more}", answered, place);
        return reason;
    }

    private static string? Talk(JsonElement messages, string name, string place, out CorpusRecord? record)
    {
        record = null;
        if (RecordTurns.Items(messages) is not { } items)
            return $"\"{name}\" is {RecordText.Kind(messages)}, but a list is needed";
        var reason = RecordTurns.Read(items, out var turns);
        record = reason is null ? new CorpusRecord.Conversation(turns, place) : null;
        return reason;
    }

    private static bool Has(JsonElement fields, string name) => Member(fields, name) is not null;

    /// <summary>A field that is there and not null; a name with dots, where no field has it as a whole, leads into objects.</summary>
    private static JsonElement? Member(JsonElement fields, string name)
    {
        if (fields.ValueKind != JsonValueKind.Object)
            return null;
        if (fields.TryGetProperty(name, out var value))
            return value.ValueKind == JsonValueKind.Null ? null : value;
        return name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
            && fields.TryGetProperty(name[..dot], out var inner) ? Member(inner, name[(dot + 1)..]) : null;
    }
}
