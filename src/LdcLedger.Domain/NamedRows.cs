namespace LdcLedger.Domain;

/// <summary>A choice that specs, rules and events name by a word.</summary>
public interface INamed
{
    /// <summary>As in YAML and in events; never changed.</summary>
    string Name { get; }
}

/// <summary>A closed set of named choices, a row for each: what there is, in the order in which it is listed and shown.</summary>
/// <param name="what">What a row is, for messages: <c>measure</c>.</param>
public sealed class NamedRows<T>(string what, params IReadOnlyList<T> rows) where T : class, INamed
{
    public IReadOnlyList<T> All => rows;

    public IReadOnlyList<string> Names { get; } = [.. rows.Select(r => r.Name)];

    public bool Has(string name) => Names.Contains(name);

    /// <exception cref="RuleViolation">There is no such row; the message lists those that there are.</exception>
    public T this[string name] => rows.FirstOrDefault(r => r.Name == name)
        ?? throw new RuleViolation($"'{name}' is not a known {what}; allowed are {string.Join(", ", Names)}.");
}
