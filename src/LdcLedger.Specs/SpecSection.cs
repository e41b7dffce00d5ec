using System.Globalization;

namespace LdcLedger.Specs;

/// <summary>
/// A mapping of the spec being read: hands out values by key with their defaults, and notes everything wrong with them instead of
/// stopping at the first. A wrong value reads as its default, so that the rest is still checked.
/// </summary>
public sealed class SpecSection
{
    private readonly string _name;
    private readonly SpecMap _map;
    private readonly SpecReading _reading;

    /// <param name="name">How messages and positions call the section: <c>training</c>, <c>models[0]</c>; empty for the file
    /// itself.</param>
    /// <param name="keys">Every key that it may have.</param>
    public SpecSection(string name, SpecNode? node, SpecReading reading, params string[] keys)
    {
        _name = name;
        _reading = reading;
        if (node is not (null or SpecMap or SpecScalar { IsNull: true }))
            reading.Note(node,
                $"{(name.Length == 0 ? reading.Kind.Name : name)} must be a mapping of {string.Join(", ", keys)}, not {What(node)}");
        _map = node as SpecMap ?? new SpecMap(node?.Line ?? 0, node?.Column ?? 0, []);
        reading.Place(name, _map);
        var seen = new Dictionary<string, SpecScalar>(StringComparer.Ordinal);
        foreach (var (key, _) in _map.Entries)
        {
            if (!keys.Contains(key.Value))
                reading.Note(key, $"unknown key '{key.Value}'{(name.Length == 0 ? "" : $" in {name}")}; "
                    + $"did you mean '{NearestName.Of(key.Value, keys)}'?");
            else if (seen.TryGetValue(key.Value, out var first))
                reading.Note(key, $"key '{key.Value}' appears twice; the first is at line {first.Line}");
            seen.TryAdd(key.Value, key);
        }
    }

    public SpecNode? Node(string key)
    {
        foreach (var (k, value) in _map.Entries)
            if (k.Value == key)
            {
                _reading.Place(PathOf(key), value);
                return value;
            }
        return null;
    }

    /// <summary>A text that must be there.</summary>
    public string Required(string key)
    {
        if (Node(key) is null or SpecScalar { IsNull: true })
        {
            _reading.Note(_map, $"{(_name.Length == 0 ? _reading.Kind.Short : _name)} has no {key}");
            return "";
        }
        return Text(key, "");
    }

    public string Text(string key, string otherwise) => Node(key) switch
    {
        null or SpecScalar { IsNull: true } => otherwise,
        SpecScalar { Value.Length: > 0 } scalar => scalar.Value,
        var node => Wrong(key, node, "a text", otherwise),
    };

    public string Choice(string key, string otherwise, IReadOnlyCollection<string> allowed)
    {
        var value = Text(key, otherwise);
        if (allowed.Contains(value))
            return value;
        _reading.Note(Node(key)!, $"{PathOf(key)}: '{value}' is unknown; allowed are {string.Join(", ", allowed)}");
        return otherwise;
    }

    public int Whole(string key, int otherwise, int min, int max = int.MaxValue) => Node(key) switch
    {
        null or SpecScalar { IsNull: true } => otherwise,
        SpecScalar { Plain: true } scalar when TryWhole(scalar, out var value) =>
            value >= min && value <= max
                ? (int)value : Outside(key, scalar, max == int.MaxValue ? $"{min} or more" : $"{min} to {max}", otherwise),
        var node => Wrong(key, node, "a whole number", otherwise),
    };

    /// <summary>A whole number, or null where the key is absent or null.</summary>
    public int? WholeOrNull(string key, int min) => Node(key) is null or SpecScalar { IsNull: true } ? null : Whole(key, min, min);

    /// <summary>A whole number, or null where the key is absent or null or a word that stands for it.</summary>
    public int? WholeOr(string key, string word, int min, int max) => Node(key) switch
    {
        SpecScalar scalar when scalar.Value == word => null,
        null or SpecScalar { IsNull: true } => null,
        SpecScalar { Plain: true } scalar when TryWhole(scalar, out _) => Whole(key, min, min, max),
        var node => Wrong<int?>(key, node, $"{word} or a whole number", null),
    };

    /// <param name="allowed">The range in words, for the message.</param>
    public double Number(string key, double otherwise, Func<double, bool> inRange, string allowed) => Node(key) switch
    {
        null or SpecScalar { IsNull: true } => otherwise,
        SpecScalar { Plain: true } scalar when TryNumber(scalar, out var value) =>
            inRange(value) ? value : Outside(key, scalar, allowed, otherwise),
        var node => Wrong(key, node, "a number", otherwise),
    };

    /// <summary>A list of distinct words out of <paramref name="allowed"/>.</summary>
    public IReadOnlyList<string> Choices(string key, IReadOnlyList<string> otherwise, IReadOnlyCollection<string> allowed,
    bool mayBeEmpty) =>
        List(key, otherwise, mayBeEmpty, $"a list of {string.Join(", ", allowed)}", item =>
        {
            if (item is not SpecScalar { Value: var value })
                return Wrong<string?>(key, item, $"made of {string.Join(", ", allowed)}", null);
            if (allowed.Contains(value))
                return value;
            _reading.Note(item, $"{PathOf(key)}: '{value}' is unknown; allowed are {string.Join(", ", allowed)}");
            return null;
        });

    /// <summary>A list of distinct whole numbers, each at least <paramref name="min"/>.</summary>
    public IReadOnlyList<int> Wholes(string key, IReadOnlyList<int> otherwise, int min, bool mayBeEmpty) =>
        [.. List(key, [.. otherwise.Select(v => (int?)v)], mayBeEmpty, "a list of whole numbers", item =>
            item is SpecScalar { Plain: true } scalar && TryWhole(scalar, out var value)
                ? value >= min && value <= int.MaxValue ? (int?)value : Outside<int?>(key, scalar, $"{min} or more", null)
                : Wrong<int?>(key, item, "made of whole numbers", null)).Select(v => v!.Value)];

    /// <summary>The items of a list that must be there and must not be empty; none when it is not as it should be.</summary>
    public IReadOnlyList<SpecNode> Items(string key)
    {
        switch (Node(key))
        {
            case SpecList { Items.Count: > 0 } list:
                return list.Items;
            case null:
                _reading.Note(_map, $"{_reading.Kind.Short} has no {key}; at least one is needed");
                return [];
            case SpecList or SpecScalar { IsNull: true }:
                _reading.Note(Node(key)!, $"{key} is empty; at least one is needed");
                return [];
            case var node:
                _reading.Note(node, $"{key} must be a list, one mapping of name and path each, not {What(node)}");
                return [];
        }
    }

    private IReadOnlyList<T> List<T>(string key, IReadOnlyList<T> otherwise, bool mayBeEmpty, string wanted, Func<SpecNode, T?> read)
    {
        switch (Node(key))
        {
            case null or SpecScalar { IsNull: true }:
                return otherwise;
            case SpecList { Items.Count: 0 } empty:
                if (!mayBeEmpty)
                    _reading.Note(empty, $"{PathOf(key)} is empty; at least one is needed");
                return mayBeEmpty ? [] : otherwise;
            case SpecList list:
                var values = new List<T>();
                foreach (var item in list.Items)
                    if (read(item) is { } value)
                    {
                        if (values.Contains(value))
                            _reading.Note(item, $"{PathOf(key)}: {value} appears twice");
                        else
                            values.Add(value);
                    }
                return values.Count > 0 ? values : otherwise;
            case var node:
                return Wrong(key, node, wanted, otherwise);
        }
    }

    private T Wrong<T>(string key, SpecNode? node, string wanted, T otherwise)
    {
        _reading.Note(node!, $"{PathOf(key)} must be {wanted}, not {What(node!)}");
        return otherwise;
    }

    private T Outside<T>(string key, SpecScalar scalar, string allowed, T otherwise)
    {
        _reading.Note(scalar, $"{PathOf(key)} is {scalar.Value}; allowed is {allowed}");
        return otherwise;
    }

    private string PathOf(string key) => _name.Length == 0 ? key : $"{_name}.{key}";

    private static bool TryWhole(SpecScalar scalar, out long value) =>
        long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static bool TryNumber(SpecScalar scalar, out double value) =>
        double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    private static string What(SpecNode node) => node switch
    {
        SpecList => "a list",
        SpecMap => "a mapping",
        SpecScalar { IsNull: true } => "nothing",
        SpecScalar { Plain: false } text => $"the text '{Shortened(text.Value)}' (write it without quotes if it is a number)",
        SpecScalar scalar => $"'{Shortened(scalar.Value)}'",
        _ => throw new ArgumentException($"{node.GetType().Name} is no kind of value that a spec can have.", nameof(node)),
    };

    private static string Shortened(string value) => value.Length <= 60 ? value : value[..57] + "...";
}
