using System.Text;
using System.Text.Json.Nodes;
using LdcLedger.Cli.Tests;
using Xunit;

namespace LdcLedger.Fuzz.Tests;

/// <summary>Where only the wrapping of an input differs, it means what it meant before.</summary>
public sealed class Wrappings
{
    public static TheoryData<string> Readers => [.. FuzzedReaders.All.Select(reader => reader.Name)];

    public static TheoryData<string> Texts =>
        [.. FuzzedReaders.All.Where(reader => !Binary.Contains(Path.GetExtension(reader.File)) && IsFile(reader))
            .Select(reader => reader.Name)];

    public static TheoryData<string> Documents => [.. FuzzedReaders.All.Where(reader => reader.IsJson).Select(reader => reader.Name)];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Behind_a_link(string reader)
    {
        using var folder = new Folder();
        var fuzzed = Beside(FuzzedReaders.Named(reader), folder);
        Directory.CreateDirectory(folder["blobs"]);
        File.WriteAllBytes(folder["blobs/0123abcd"], fuzzed.Sample);
        File.CreateSymbolicLink(folder["link"], folder["blobs/0123abcd"]);
        File.CreateSymbolicLink(folder[fuzzed.File], "link");
        Assert.Equal(Plain(fuzzed), fuzzed.Read(folder[fuzzed.File]));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void With_a_byte_order_mark(string reader) => SameAs(reader, bytes => [0xef, 0xbb, 0xbf, .. bytes]);

    [Theory]
    [MemberData(nameof(Texts))]
    public void With_line_ends_of_Windows(string reader) =>
        SameAs(reader, bytes => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).ReplaceLineEndings("\r\n")));

    [Theory]
    [MemberData(nameof(Documents))]
    public void With_keys_in_another_order(string reader) =>
        SameAs(reader, bytes => Encoding.UTF8.GetBytes(Turned(JsonNode.Parse(bytes)!).ToJsonString()));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Indented(string reader) =>
        SameAs(reader, bytes => Encoding.UTF8.GetBytes(JsonNode.Parse(bytes)!.ToJsonString(new() { WriteIndented = true })));

    [Fact]
    public void Keys_of_JSON_lines_in_another_order() => SameAs("JSON lines", bytes => Encoding.UTF8.GetBytes(string.Join('\n',
        Encoding.UTF8.GetString(bytes).Split('\n').Select(line => Turned(JsonNode.Parse(line)!).ToJsonString()))));

    private static readonly string[] Binary = [".safetensors", ".gz", ".parquet"];

    private static bool IsFile(FuzzedReader reader) => !reader.Name.EndsWith("address", StringComparison.Ordinal);

    private static void SameAs(string reader, Func<byte[], byte[]> wrap)
    {
        using var folder = new Folder();
        var fuzzed = Beside(FuzzedReaders.Named(reader), folder);
        File.WriteAllBytes(folder[fuzzed.File], wrap(fuzzed.Sample));
        Assert.Equal(Plain(fuzzed), fuzzed.Read(folder[fuzzed.File]));
    }

    private static string Plain(FuzzedReader fuzzed)
    {
        using var folder = new Folder();
        File.WriteAllBytes(Beside(fuzzed, folder) is var reader ? folder[reader.File] : "", fuzzed.Sample);
        return fuzzed.Read(folder[fuzzed.File]);
    }

    private static FuzzedReader Beside(FuzzedReader fuzzed, Folder folder)
    {
        foreach (var (name, bytes) in fuzzed.Beside)
            File.WriteAllBytes(folder[name], bytes);
        return fuzzed;
    }

    private static JsonNode Turned(JsonNode node) => node switch
    {
        JsonObject named => new JsonObject(
            named.Reverse().Select(pair => KeyValuePair.Create(pair.Key, pair.Value is { } v ? Turned(v) : null))),
        JsonArray list => new JsonArray([.. list.Select(item => item is { } v ? Turned(v) : null)]),
        JsonValue value => value.DeepClone(),
        _ => throw new InvalidOperationException($"There is no JSON node of the kind {node.GetType().Name}."),
    };
}
