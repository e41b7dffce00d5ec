using System.Text.Json;
using ParquetSharp;
using ParquetSharp.Schema;

namespace LdcLedger.Torch.Corpora;

/// <summary>
/// A column of a Parquet file, or a part of one: puts a row's value together again from the repetition and definition levels of its leaves,
/// as JSON (github.com/apache/parquet-format, "Nested Encoding"). Only texts are read; other leaves are left out, and so are those inside
/// objects that no record has use for.
/// </summary>
internal sealed class ParquetColumn
{
    private readonly string _name;
    private readonly Repetition _repetition;
    private readonly short _definition, _repeated;   // levels at which it is there, and at which it comes again
    private readonly bool _isList, _itemIsPart;
    private readonly List<ParquetColumn> _parts = [];
    private readonly ParquetLeaf? _leaf;

    /// <param name="leaves">Leaves of the file that come before this one.</param>
    /// <param name="open">Opens a leaf by its number, with its largest levels.</param>
    /// <param name="kept">Names of the parts that are read.</param>
    public ParquetColumn(Node node, short definition, short repeated, ref int leaves, Func<int, ParquetLeaf>? open,
        IReadOnlySet<string> kept)
    {
        (_name, _repetition) = (node.Name, node.Repetition);
        _definition = (short)(definition + (_repetition == Repetition.Required ? 0 : 1));
        _repeated = (short)(repeated + (_repetition == Repetition.Repeated ? 1 : 0));
        if (node is not GroupNode group)
        {
            var number = leaves++;
            IsText = node is PrimitiveNode { PhysicalType: PhysicalType.ByteArray };
            First = _leaf = IsText ? open?.Invoke(number) : null;
            return;
        }
        using (var logical = node.LogicalType)
            _isList = logical.Type == LogicalTypeEnum.List && group.FieldCount == 1 && _repetition != Repetition.Repeated;
        foreach (var field in group.Fields)
            using (field)
            {
                // The levels between a list and its items have names that say nothing.
                var between = _isList || _repetition == Repetition.Repeated && group.FieldCount == 1;
                var part = new ParquetColumn(
                    field, _definition, _repeated, ref leaves, between || kept.Contains(field.Name) ? open : null, kept);
                // In lists of two levels, as early writers made them, what is repeated is the item itself.
                _itemIsPart = _isList && field is GroupNode { FieldCount: 1 } && field.Name != "array" && field.Name != $"{_name}_tuple";
                IsText |= part.IsText;
                if (part.First is not null)
                    _parts.Add(part);
            }
        First = _parts.FirstOrDefault()?.First;
    }

    public string Name => _name;

    /// <summary>Whether there is a text in it, read or not.</summary>
    public bool IsText { get; }

    /// <summary>The leaf that tells for all of them whether this is there; null where none is read.</summary>
    public ParquetLeaf? First { get; }

    /// <summary>Every leaf that is read.</summary>
    public IEnumerable<ParquetLeaf> Leaves => _leaf is null ? _parts.SelectMany(part => part.Leaves) : [_leaf];

    /// <summary>Writes the value at which the leaves stand, and takes them past it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        var isThere = First!.Definition >= _definition;
        if (_repetition == Repetition.Repeated)
            WriteItems(json, isThere, item => item.WriteContent(json));
        else if (isThere)
            WriteContent(json);
        else
        {
            json.WriteNullValue();
            Pass();
        }
    }

    private void WriteItems(Utf8JsonWriter json, bool anyThere, Action<ParquetColumn> writeItem)
    {
        json.WriteStartArray();
        if (anyThere)
            do
                writeItem(this);
            while (First!.Repetition == _repeated);
        else
            Pass();
        json.WriteEndArray();
    }

    private void WriteContent(Utf8JsonWriter json)
    {
        if (_leaf is not null)
            _leaf.WriteText(json);
        else if (_isList)
            WriteList(json, _parts[0]);
        else
        {
            json.WriteStartObject();
            foreach (var part in _parts)
            {
                json.WritePropertyName(part._name);
                part.Write(json);
            }
            json.WriteEndObject();
        }
    }

    private void WriteList(Utf8JsonWriter json, ParquetColumn repeated) =>
        repeated.WriteItems(json, repeated.First!.Definition >= repeated._definition, item =>
        {
            if (_itemIsPart)
                item._parts[0].Write(json);
            else
                item.WriteContent(json);
        });

    private void Pass()
    {
        foreach (var leaf in Leaves)
            leaf.Pass();
    }
}
