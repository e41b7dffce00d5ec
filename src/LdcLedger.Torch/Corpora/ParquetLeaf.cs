using System.Text.Json;
using System.Text.Unicode;
using ParquetSharp;

namespace LdcLedger.Torch.Corpora;

/// <summary>One leaf of a row group, read entry by entry; a few entries are in memory at a time.</summary>
internal sealed class ParquetLeaf : IDisposable
{
    private const int Batch = 64;   // documents may be large

    private readonly ColumnReader<ByteArray> _reader;
    private readonly short _largestDefinition;
    private readonly short[] _definitions = new short[Batch], _repetitions = new short[Batch];
    private readonly ByteArray[] _values = new ByteArray[Batch];   // in memory of the reader's, good until it is asked again
    private int _entry = -1, _entries, _value;

    /// <param name="reader">Of a column of texts; disposed with this.</param>
    public ParquetLeaf(ColumnReader reader)
    {
        _reader = (ColumnReader<ByteArray>)reader;
        try
        {
            _largestDefinition = reader.ColumnDescriptor.MaxDefinitionLevel;
            Next();
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Of the entry at which it stands; both below 0 behind the last.</summary>
    public short Definition => _entry < _entries ? _definitions[_entry] : (short)-1;

    public short Repetition => _entry < _entries ? _repetitions[_entry] : (short)-1;

    /// <summary>Whether a text since this was last asked was not valid UTF-8; an empty one was written in its place.</summary>
    public bool TakeFault()
    {
        var fault = _fault;
        _fault = false;
        return fault;
    }

    private bool _fault;

    /// <summary>Writes the text at which it stands and goes on.</summary>
    public unsafe void WriteText(Utf8JsonWriter json)
    {
        if (Definition != _largestDefinition)
            throw new InvalidDataException("the leaves of a column do not agree");
        var value = _values[_value];
        var text = new ReadOnlySpan<byte>((void*)value.Pointer, value.Length);
        _fault |= !Utf8.IsValid(text);
        json.WriteStringValue(Utf8.IsValid(text) ? text : []);
        Pass();
    }

    /// <summary>Goes on to the next entry.</summary>
    public void Pass()
    {
        if (Definition == _largestDefinition)
            _value++;
        Next();
    }

    private void Next()
    {
        if (++_entry < _entries)
            return;
        // A page may be empty, so that nothing read does not mean that nothing is left.
        do
        {
            _definitions.AsSpan().Fill(_largestDefinition);   // not filled in where no level is stored
            _repetitions.AsSpan().Clear();
            _entries = _reader.HasNext ? (int)_reader.ReadBatch(Batch, _definitions, _repetitions, _values, out _) : 0;
        }
        while (_entries == 0 && _reader.HasNext);
        (_entry, _value) = (0, 0);
    }

    public void Dispose() => _reader.Dispose();
}
