using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Tests.Tokenizers;
using ParquetSharp;
using ParquetSharp.IO;
using ParquetSharp.Schema;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

/// <summary>Parquet files as its writers make them: pages of both versions, every codec, every shape of a list.</summary>
public sealed class ParquetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private List<CorpusRecord> Read(byte[] file, FieldNames? names = null, BadRecords? bad = null) =>
        [.. Corpus.Open(_folder.File("a.parquet", file), names: names).Records(bad)];

    private static PrimitiveNode Text(string name, Repetition repetition = Repetition.Optional) =>
        new(name, repetition, LogicalType.String(), PhysicalType.ByteArray);

    /// <param name="leaves">Of each leaf: definition levels, repetition levels, values.</param>
    private static byte[] Write(Node[] columns, (short[]? Definitions, short[]? Repetitions, string[] Values)[] leaves, int rows,
        Action<WriterPropertiesBuilder>? set = null, int groups = 1)
    {
        using var bytes = new MemoryStream();
        using var schema = new GroupNode("schema", Repetition.Required, columns);
        using var builder = new WriterPropertiesBuilder();
        set?.Invoke(builder);
        using var properties = builder.Build();
        using (var output = new ManagedOutputStream(bytes, leaveOpen: true))
        using (var writer = new ParquetFileWriter(output, schema, properties))
        {
            for (var i = 0; i < groups; i++)
            {
                using var group = writer.AppendRowGroup();
                foreach (var (definitions, repetitions, values) in leaves)
                    using (var column = (ColumnWriter<ByteArray>)group.NextColumn())
                        WriteColumn(column, definitions, repetitions, values, rows);
            }
            writer.Close();
        }
        return bytes.ToArray();
    }

    private static void WriteColumn(ColumnWriter<ByteArray> column, short[]? definitions, short[]? repetitions, string[] values, int rows)
    {
        var pinned = values.Select(value => System.Runtime.InteropServices.GCHandle.Alloc(
            value == "\uFFFF" ? new byte[] { 0xFF, 0xFE } : System.Text.Encoding.UTF8.GetBytes(value),
            System.Runtime.InteropServices.GCHandleType.Pinned)).ToList();
        ByteArray[] arrays = [.. pinned.Select(p => new ByteArray(p.AddrOfPinnedObject(), ((byte[])p.Target!).Length))];
        column.WriteBatch(definitions?.Length ?? rows, definitions, repetitions, arrays);
        pinned.ForEach(p => p.Free());
    }

    private static GroupNode Messages(string listName = "list", string itemName = "element") => new("messages", Repetition.Optional,
        [new GroupNode(listName, Repetition.Repeated,
            [new GroupNode(itemName, Repetition.Optional, [Text("role"), Text("content")])])], LogicalType.List());

    // Three rows: a talk of two turns, no talk, a talk of four.
    private static readonly short[] Definitions = [4, 4, 0, 4, 4, 4, 4], Repetitions = [0, 1, 0, 0, 1, 1, 1];
    private static readonly string[] Roles = ["user", "assistant", "user", "assistant", "user", "assistant"];
    private static readonly string[] Contents = ["Q", "A", "Q1", "A1", "Q2", "A2"];

    private static void AreTalks(IEnumerable<CorpusRecord> records) => Assert.Equal(["Q A", "Q1 A1 Q2 A2"],
        records.Cast<CorpusRecord.Conversation>().Select(talk => string.Join(' ', talk.Turns.Select(turn => turn.Content))));

    public static TheoryData<ParquetDataPageVersion, Compression, bool> Writers
    {
        get
        {
            var writers = new TheoryData<ParquetDataPageVersion, Compression, bool>();
            foreach (var version in Enum.GetValues<ParquetDataPageVersion>())
                foreach (var codec in (Compression[])[Compression.Uncompressed, Compression.Snappy, Compression.Gzip, Compression.Zstd,
                    Compression.Lz4, Compression.Brotli])
                    foreach (var dictionary in (bool[])[true, false])
                        writers.Add(version, codec, dictionary);
            return writers;
        }
    }

    [Theory]
    [MemberData(nameof(Writers))]
    public void Nested_conversations_of_every_writer_are_read(ParquetDataPageVersion version, Compression codec, bool dictionary)
    {
        var file = Write([Messages()], [(Definitions, Repetitions, Roles), (Definitions, Repetitions, Contents)], 3, builder =>
        {
            builder.DataPageVersion(version).Compression(codec);
            if (!dictionary)
                builder.DisableDictionary();
        });
        var bad = new BadRecords();

        AreTalks(Read(file, bad: bad));
        Assert.Equal("2", System.Text.RegularExpressions.Regex.Match(Assert.Single(bad.First).Place, @"row (\d+)$").Groups[1].Value);
    }

    [Fact]
    public void Conversations_that_Arrow_wrote_with_pages_of_version_2_are_read() =>
        Assert.Equal(40, Read(File.ReadAllBytes(RepositoryFiles.Golden("corpora", "messages-page-v2.parquet"))).Count);

    [Theory]
    [InlineData(Encoding.DeltaLengthByteArray)]
    [InlineData(Encoding.DeltaByteArray)]
    [InlineData(Encoding.Plain)]
    public void Every_encoding_of_texts_is_read(Encoding encoding)
    {
        string[] values = [.. Enumerable.Range(0, 500).Select(i => $"text number {i} é")];
        var file = Write([Text("text", Repetition.Required)], [(null, null, values)], 500,
            builder => builder.DisableDictionary().Encoding(encoding).DataPagesize(256), groups: 2);

        Assert.Equal([.. values, .. values], Read(file).Cast<CorpusRecord.Plain>().Select(record => record.Text));
    }

    [Fact]
    public void Lists_of_early_writers_are_read()
    {
        AreTalks(Read(Write([Messages("bag", "array_element")],
            [(Definitions, Repetitions, Roles), (Definitions, Repetitions, Contents)], 3), bad: new()));
        // Two levels: what is repeated is the item.
        using var twoLevels = new GroupNode("messages", Repetition.Optional,
            [new GroupNode("array", Repetition.Repeated, [Text("role", Repetition.Required), Text("content", Repetition.Required)])],
            LogicalType.List());
        short[] two = [2, 2, 0, 2, 2, 2, 2];
        AreTalks(Read(Write([twoLevels], [(two, Repetitions, Roles), (two, Repetitions, Contents)], 3), bad: new()));
        // No list at all: a group that is repeated.
        using var repeated = new GroupNode("messages", Repetition.Repeated,
            [Text("role", Repetition.Required), Text("content", Repetition.Required)]);
        short[] one = [1, 1, 0, 1, 1, 1, 1];
        AreTalks(Read(Write([repeated], [(one, Repetitions, Roles), (one, Repetitions, Contents)], 3), bad: new()));
    }

    [Fact]
    public void A_talk_as_lists_of_roles_and_contents_is_read()
    {
        using var columns = new GroupNode("messages", Repetition.Optional, [Texts("role"), Texts("content")]);
        AreTalks(Read(Write([columns], [(Definitions, Repetitions, Roles), (Definitions, Repetitions, Contents)], 3), bad: new()));

        static GroupNode Texts(string name) => new(name, Repetition.Optional,
            [new GroupNode("list", Repetition.Repeated, [Text("element")])], LogicalType.List());
    }

    [Fact]
    public void Columns_that_no_record_needs_are_not_read_and_others_may_be_named()
    {
        using var id = new PrimitiveNode("id", Repetition.Required, LogicalType.None(), PhysicalType.ByteArray);
        using var inner = new GroupNode("translation", Repetition.Optional, [Text("de"), Text("en")]);
        var file = Write([id, inner, Text("prompt"), Text("completion")],
            [(null, null, ["\uFFFF", "\uFFFF"]), ([2, 2], null, ["eins", "zwei"]), ([2, 2], null, ["one", "two"]),
                ([1, 1], null, ["a?", "c?"]), ([1, 1], null, ["b", "d"])], 2);

        Assert.Equal(["a? b", "c? d"], Read(file).Cast<CorpusRecord.Answered>().Select(r => $"{r.Prompt} {r.Response}"));
        Assert.Equal(["eins one", "zwei two"],
            Read(file, new("translation.de", "translation.en")).Cast<CorpusRecord.Answered>().Select(r => $"{r.Prompt} {r.Response}"));
        Assert.Contains("has the columns id, translation, prompt, completion, but \"body\" is needed",
            Assert.Throws<InvalidInputException>(() => Read(file, new(Text: "body"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_cannot_be_used_are_told_apart_from_the_others()
    {
        var bad = new BadRecords();
        var file = Write([Text("text")], [([1, 0, 1, 1], null, ["a", "\uFFFF", "b"])], 4);

        Assert.Equal(["a", "b"], Read(file, bad: bad).Cast<CorpusRecord.Plain>().Select(record => record.Text));
        Assert.Equal(["row 2", "row 3"], bad.First.Select(b => b.Place[(b.Place.LastIndexOf(',') + 2)..]));
        Assert.Equal("the row is not valid UTF-8", bad.First[1].Reason);
    }

    [Fact]
    public void A_damaged_file_is_refused_with_the_reader_s_own_reason()
    {
        var file = Write([Text("text")], [([1, 1], null, ["a", "b"])], 2);
        string Refusal(byte[] bytes) => Assert.Throws<InvalidInputException>(() => Read(bytes)).Message;

        Assert.Contains("cannot be read as Parquet: ", Refusal([.. "PAR1"u8, 1, 2, 3, 4, 5, 6, 7, 8]), StringComparison.Ordinal);
        Assert.Contains("cannot be read as Parquet: ", Refusal(file[..^9]), StringComparison.Ordinal);
        Assert.Contains("a.parquet", Refusal("x"u8.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_type_is_named()
    {
        using var bytes = new MemoryStream();
        using (var writer = new ParquetFileWriter(bytes, [new Column<int>("text")], leaveOpen: true))
        {
            using (var group = writer.AppendRowGroup())
            using (var column = group.NextColumn().LogicalWriter<int>())
                column.WriteBatch([1, 2]);
            writer.Close();
        }

        Assert.Contains("of the columns that are needed, text holds no text",
            Assert.Throws<InvalidInputException>(() => Read(bytes.ToArray())).Message, StringComparison.Ordinal);
    }
}
