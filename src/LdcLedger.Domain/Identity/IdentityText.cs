using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LdcLedger.Domain.Identity;

/// <summary>
/// The default that a field had when it was first released. A field with this value is left out of the identity, so that a field which is
/// added later changes no id of what was recorded before it. It never changes: a later change of the default changes ids, never what an id
/// means.
/// </summary>
/// <param name="value">A text, number, truth value, null, or an array of these.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FirstDefaultAttribute(object? value) : Attribute
{
    public object? Value => value;
}

/// <summary>A field that is no part of what its record is: a name, a path, a version.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NoIdentityAttribute : Attribute;

/// <summary>What a record says, as one canonical text that ids are derived from.</summary>
public static class IdentityText
{
    /// <summary>
    /// JSON with the record's fields sorted by name, without those that have their <see cref="FirstDefaultAttribute"/> or are marked
    /// <see cref="NoIdentityAttribute"/>; records in it likewise, and one of which nothing is left is left out. Lists are sets: their order
    /// does not count. Numbers read back to the same value.
    /// </summary>
    /// <exception cref="NotSupportedException">A field is of a type that nobody said how to write.</exception>
    public static string Of(object value) => NodeOf(value)!.ToJsonString();

    private static JsonNode? NodeOf(object? value)
    {
        switch (value)
        {
            case null or string or bool or int or long or double:
                return JsonSerializer.SerializeToNode(value);
            case IEnumerable items:
                var nodes = items.Cast<object?>().Select(NodeOf).OrderBy(n => n?.ToJsonString(), StringComparer.Ordinal);
                return new JsonArray([.. nodes]);
            case var other when !IsRecord(other.GetType()):
                throw new NotSupportedException(
                    $"A {other.GetType().Name} has no identity text: say how it is written, or it would not count.");
        }
        var fields = new JsonObject();
        foreach (var (name, property, first) in Fields.GetOrAdd(value.GetType(), FieldsOf))
        {
            var node = NodeOf(property.GetValue(value));
            if (first is null ? node is JsonObject { Count: 0 } : JsonNode.DeepEquals(node, NodeOf(first.Value)))
                continue;   // a section of nothing but first defaults, or a first default
            fields[name] = node;
        }
        return fields;
    }

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    // A page of a large study asks for hundreds of ids, all of the same few records.
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Field>> Fields = new();

    private sealed record Field(string Name, PropertyInfo Property, FirstDefaultAttribute? First);

    // What the record is made of; what it computes from that says nothing new.
    private static IReadOnlyList<Field> FieldsOf(Type record)
    {
        var parameters = record.GetConstructors().MaxBy(c => c.GetParameters().Length)!.GetParameters().Select(p => p.Name).ToHashSet();
        return
        [
            .. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => parameters.Contains(p.Name) && p.GetCustomAttribute<NoIdentityAttribute>() is null)
                .OrderBy(p => p.Name, StringComparer.Ordinal)
                .Select(p => new Field(
                    JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name), p, p.GetCustomAttribute<FirstDefaultAttribute>())),
        ];
    }
}
