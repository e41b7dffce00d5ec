using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Exchange;

/// <summary>What a field of an event can hold.</summary>
internal enum FieldKind
{
    Id,
    Text,
    Whole,
    Number,
    Truth,

    /// <summary>Fields of its own: <see cref="FactField.Shape"/>.</summary>
    Record,
}

/// <summary>A field of an event's JSON.</summary>
/// <param name="Type">Of the field, or of a list's items.</param>
/// <param name="Shape">Of a record; else null.</param>
/// <param name="MayBeAbsent">Whether reading needs no value of it: null, or a default, is taken.</param>
/// <param name="FirstDefault">What a line written by hand means by leaving it out.</param>
internal sealed record FactField(
    string Name, FieldKind Kind, Type Type, FactShape? Shape, bool IsList, bool MayBeNull, bool MayBeAbsent,
    FirstDefaultAttribute? FirstDefault)
{
    /// <summary>What it holds, in words.</summary>
    public string Words => IsList ? $"a list of {Plural}" : Singular;

    private string Singular => Kind switch
    {
        FieldKind.Id => "a UUID in lower case",
        FieldKind.Text => "a text",
        FieldKind.Whole => "a whole number",
        FieldKind.Number => "a number",
        FieldKind.Truth => "true or false",
        FieldKind.Record => "a JSON object",
    };

    private string Plural => Kind switch
    {
        FieldKind.Id => "UUIDs in lower case",
        FieldKind.Text => "texts",
        FieldKind.Whole => "whole numbers",
        FieldKind.Number => "numbers",
        FieldKind.Truth => "true or false",
        FieldKind.Record => "JSON objects",
    };
}

/// <summary>
/// The fields that a record has as JSON, taken from the record itself: what an imported event is held against, and what the page about
/// files of studies lists.
/// </summary>
internal sealed class FactShape
{
    private static readonly ConcurrentDictionary<Type, FactShape> Shapes = [];

    private readonly Dictionary<string, FactField> _byName;

    private FactShape(Type record)
    {
        Record = record;
        Fields = [.. LedgerJson.Options.GetTypeInfo(record).Properties.Select(property =>
        {
            var (type, isList) = Item(property.PropertyType);
            var kind = KindOf(type);
            var mayBeNull = Nullable.GetUnderlyingType(property.PropertyType) is not null
                || (!property.PropertyType.IsValueType && property.IsGetNullable);
            return new FactField(
                property.Name, kind, type, kind == FieldKind.Record ? Of(type) : null, isList, mayBeNull,
                mayBeNull || property.AssociatedParameter is { HasDefaultValue: true },
                (FirstDefaultAttribute?)property.AttributeProvider?.GetCustomAttributes(typeof(FirstDefaultAttribute), false)
                    .SingleOrDefault());
        })];
        _byName = Fields.ToDictionary(f => f.Name);
        HasDefaults = Fields.Any(f => f.FirstDefault is not null || f.Shape is { HasDefaults: true });
    }

    /// <summary>Whether a line written by hand may leave out anything that is filled in.</summary>
    public bool HasDefaults { get; }

    public Type Record { get; }

    public IReadOnlyList<FactField> Fields { get; }

    public static FactShape Of(Type record) => Shapes.GetOrAdd(record, static type => new FactShape(type));

    /// <exception cref="RuleViolation">A field is missing, unknown or holds something else.</exception>
    /// <param name="path">How the value is called in a message.</param>
    public void Check(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new RuleViolation($"{path} is {LineReading.Shown(value)}; it is a JSON object.");
        foreach (var given in value.EnumerateObject())
            if (!_byName.ContainsKey(given.Name))
                throw new RuleViolation(
                    $"{path}.{given.Name} is no field that this version of ldc knows; {path} has {string.Join(", ", _byName.Keys)}.");
        foreach (var field in Fields)
        {
            var place = $"{path}.{field.Name}";
            if (!value.TryGetProperty(field.Name, out var given))
            {
                if (!field.MayBeAbsent)
                    throw new RuleViolation($"{place} is missing; it is {field.Words}.");
            }
            else if (given.ValueKind == JsonValueKind.Null)
            {
                if (!field.MayBeNull)
                    throw new RuleViolation($"{place} is null; it is {field.Words}.");
            }
            else if (!field.IsList)
                CheckOne(field, given, place);
            else if (given.ValueKind != JsonValueKind.Array)
                throw new RuleViolation($"{place} is {LineReading.Shown(given)}; it is {field.Words}.");
            else
                foreach (var (i, item) in given.EnumerateArray().Index())
                    CheckOne(field, item, string.Create(CultureInfo.InvariantCulture, $"{place}[{i}]"));
        }
    }

    /// <summary>
    /// Fills in what a line written by hand left out and what has a first default, sections of such fields alone included.
    /// </summary>
    public void Fill(JsonObject value)
    {
        foreach (var field in Fields)
            if (value.TryGetPropertyValue(field.Name, out var given))
            {
                if (field.Shape is { } shape)
                    foreach (var item in (given as JsonArray)?.OfType<JsonObject>() ?? new[] { given }.OfType<JsonObject>())
                        shape.Fill(item);
            }
            else if (field.FirstDefault is { } first)
                value[field.Name] = JsonSerializer.SerializeToNode(first.Value, LedgerJson.Options);
            else if (field is { Shape: { } shape, IsList: false, MayBeAbsent: false } && shape.Fields.All(f => f.FirstDefault is not null))
            {
                var section = new JsonObject();
                shape.Fill(section);
                value[field.Name] = section;
            }
    }

    /// <exception cref="RuleViolation">It holds what no text of the ledger can: half a surrogate pair, or U+0000.</exception>
    public static string TextOf(JsonElement value)
    {
        try
        {
            var text = value.GetString()!;
            return !text.Contains('\0', StringComparison.Ordinal) ? text
                : throw new RuleViolation("a text has the character U+0000, which PostgreSQL cannot keep.");
        }
        catch (InvalidOperationException)
        {
            throw new RuleViolation($"the text {LineReading.Shown(value)} is not Unicode: it has half a surrogate pair.");
        }
    }

    private static void CheckOne(FactField field, JsonElement value, string path)
    {
        var fits = field.Kind switch
        {
            FieldKind.Id => value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) && value.ValueEquals(id.ToString("D")),
            FieldKind.Text => value.ValueKind == JsonValueKind.String && TextOf(value) is not null,
            FieldKind.Whole => value.ValueKind == JsonValueKind.Number
                && (field.Type == typeof(int) ? value.TryGetInt32(out _) : value.TryGetInt64(out _)),
            FieldKind.Number => value.ValueKind == JsonValueKind.Number || IsNamedNumber(value),
            FieldKind.Truth => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            FieldKind.Record => true,
        };
        if (!fits)
            throw new RuleViolation($"{path} is {LineReading.Shown(value)}; it is {(field with { IsList = false }).Words}.");
        field.Shape?.Check(value, path);
    }

    // As LedgerJson writes what JSON has no numbers for.
    private static bool IsNamedNumber(JsonElement value) => value.ValueKind == JsonValueKind.String
        && (value.ValueEquals("NaN"u8) || value.ValueEquals("Infinity"u8) || value.ValueEquals("-Infinity"u8));

    private static (Type Type, bool IsList) Item(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? (type.GetGenericArguments()[0], true)
        : (Nullable.GetUnderlyingType(type) ?? type, false);

    private static FieldKind KindOf(Type type) =>
        type == typeof(Guid) ? FieldKind.Id
        : type == typeof(string) ? FieldKind.Text
        : type == typeof(int) || type == typeof(long) ? FieldKind.Whole
        : type == typeof(double) ? FieldKind.Number
        : type == typeof(bool) ? FieldKind.Truth
        : type.GetMethod("<Clone>$") is not null ? FieldKind.Record
        : throw new NotSupportedException($"An event has a field of type {type.Name}; say how files of studies are to show it.");
}
