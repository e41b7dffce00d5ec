using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ParquetSharp;

namespace LdcLedger.Torch.Corpora;

/// <summary>Parquet files with the same columns as JSON lines have fields; a few pages are in memory at a time.</summary>
internal static class ParquetRows
{
    private static readonly JsonWriterOptions Compact =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="bad">Takes place and reason of a row that cannot be used.</param>
    /// <exception cref="InvalidInputException">The file is damaged, or has no columns of which records can be made.</exception>
    public static IEnumerable<CorpusRecord> Read(InputFile file, RecordFields fields, Action<string, string> bad)
    {
        if (InputFile.Objection(file.Content) is { } objection)
            throw new InvalidInputException($"\"{file.Path}\" {objection}.");
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnableBufferedStream();
        file.Open().Dispose();   // whether it may be read; the library's own words for that are others
        using var reader = Reading(file, () => new ParquetFileReader(file.Path, properties));
        CheckColumns(reader, file, fields);
        var number = 0L;
        for (var group = 0; group < reader.FileMetaData.NumRowGroups; group++)
        {
            using var rows = new Rows(file, reader, group, fields);
            while (Reading(file, rows.Next))
            {
                var place = $"{file.Path}, row {++number}";
                if (rows.IsUtf8)
                {
                    using var document = JsonDocument.Parse(rows.Row);
                    if (fields.Read(document.RootElement, place, bad) is { } record)
                        yield return record;
                }
                else
                    bad(place, "the row is not valid UTF-8");
            }
        }
    }

    private static void CheckColumns(ParquetFileReader reader, InputFile file, RecordFields fields)
    {
        using var root = reader.FileMetaData.Schema.GroupNode;
        var leaves = 0;
        var columns = new List<ParquetColumn>();
        foreach (var node in root.Fields)
            using (node)
                columns.Add(new ParquetColumn(node, 0, 0, ref leaves, null, fields.InnerNames));
        if (!fields.Recognises([.. columns.Select(column => column.Name)]))
            throw new InvalidInputException($"{file.Path} has the columns {string.Join(", ", columns.Select(column => column.Name))}, "
                + $"but {fields.Wanted} is needed; domains[].fields states others.");
        if (!fields.Recognises([.. columns.Where(column => column.IsText).Select(column => column.Name)]))
            throw new InvalidInputException($"{file.Path}: of the columns that are needed, "
                + $"{string.Join(", ", columns.Where(column => !column.IsText && fields.Names.Contains(column.Name)).Select(c => c.Name))} "
                + "holds no text.");
    }

    /// <summary>The library has an exception of its own, and others for files that make no sense to it.</summary>
    private static T Reading<T>(InputFile file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (InvalidInputException or OutOfMemoryException))
        {
            throw new InvalidInputException($"{file.Path} cannot be read as Parquet: {ReasonIn(e.Message)}", e);
        }
    }

    /// <summary>The library's own words, without the class of its exception.</summary>
    private static string ReasonIn(string message)
    {
        const string before = "(message: '";
        var from = message.IndexOf(before, StringComparison.Ordinal);
        var words = from < 0 ? message : message[(from + before.Length)..].TrimEnd(')', '\'', ' ');
        var reason = words.ReplaceLineEndings(" ").Trim();
        return reason.EndsWith('.') ? reason : reason + ".";
    }

    /// <summary>The rows of one row group, as JSON.</summary>
    private sealed class Rows : IDisposable
    {
        private readonly RowGroupReader _group;
        private readonly List<ParquetColumn> _columns = [];
        private readonly List<ParquetLeaf> _leaves = [];
        private readonly ArrayBufferWriter<byte> _row = new();
        private readonly Utf8JsonWriter _json;
        private long _left;

        public Rows(InputFile file, ParquetFileReader reader, int group, RecordFields fields)
        {
            _group = Reading(file, () => reader.RowGroup(group));
            _json = new Utf8JsonWriter(_row, Compact);
            try
            {
                _left = Reading(file, () => Open(reader, fields));
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        /// <returns>How many rows there are.</returns>
        private long Open(ParquetFileReader reader, RecordFields fields)
        {
            using var root = reader.FileMetaData.Schema.GroupNode;
            var leaves = 0;
            foreach (var node in root.Fields)
                using (node)
                {
                    var column = new ParquetColumn(
                        node, 0, 0, ref leaves, fields.Names.Contains(node.Name) ? OpenLeaf : null, fields.InnerNames);
                    if (column.First is not null)
                        _columns.Add(column);
                }
            return _group.MetaData.NumRows;
        }

        private ParquetLeaf OpenLeaf(int number)
        {
            var leaf = new ParquetLeaf(_group.Column(number));
            _leaves.Add(leaf);
            return leaf;
        }

        public ReadOnlyMemory<byte> Row => _row.WrittenMemory;

        public bool IsUtf8 { get; private set; }

        public bool Next()
        {
            if (_left-- <= 0)
                return false;
            _row.ResetWrittenCount();
            _json.Reset();
            _json.WriteStartObject();
            foreach (var column in _columns)
            {
                if (column.First!.Definition < 0)
                    throw new InvalidDataException("a column has fewer rows than its row group");
                _json.WritePropertyName(column.Name);
                column.Write(_json);
            }
            _json.WriteEndObject();
            _json.Flush();
            IsUtf8 = true;
            foreach (var leaf in _leaves)
                IsUtf8 &= !leaf.TakeFault();
            return true;
        }

        public void Dispose()
        {
            _leaves.ForEach(leaf => leaf.Dispose());
            _json.Dispose();
            _group.Dispose();
        }
    }
}
