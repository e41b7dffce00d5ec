using System.Net.Sockets;
using System.Text;
using LdcLedger.Torch.Tests.Corpora;
using Xunit;

namespace LdcLedger.Torch.Tests.Inputs;

public sealed class InputFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string In(string name) => Path.Combine(_folder.Path, name);

    private static string Refusal(string path) => Assert.Throws<InvalidInputException>(() => InputFile.At(path)).Message;

    [Fact]
    public void A_link_has_the_length_and_content_of_what_it_leads_to()
    {
        _folder.File("blobs/x", new string('a', 1000));
        OddFiles.Link(In("snapshot/one"), "../blobs/x");
        var twice = OddFiles.Link(In("two"), "snapshot/one");

        Assert.Equal(new InputEntry(twice, EntryKind.File, 1000, IsLink: true), InputEntry.At(twice));
        Assert.Equal(1000, InputFile.At(twice).Length);
        using var stream = InputFile.At(twice).Open();
        Assert.Equal(1000, stream.Length);
    }

    [Fact]
    public void A_link_in_a_folder_behind_a_link_starts_where_it_really_stands()
    {
        _folder.File("far/away/data", "right");
        _folder.File("data", "wrong, and longer");
        OddFiles.Link(In("far/away/below/link"), "../data");
        OddFiles.Link(In("door"), "far/away/below");

        Assert.Equal(5, InputFile.At(In("door/link")).Length);
    }

    [Fact]
    public void What_is_no_regular_file_is_named_and_never_opened()
    {
        var pipe = OddFiles.Pipe(In("pipe.jsonl"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(In("s")));
        OddFiles.Link(In("to-pipe"), "pipe.jsonl");
        OddFiles.Link(In("broken"), "nowhere/at-all");
        OddFiles.Link(In("a"), "b");
        OddFiles.Link(In("b"), "a");

        Assert.Contains("is a pipe", Refusal(pipe), StringComparison.Ordinal);
        Assert.Contains("is a pipe", Refusal(In("to-pipe")), StringComparison.Ordinal);
        Assert.Contains("is a socket", Refusal(In("s")), StringComparison.Ordinal);
        Assert.Contains("is a device", Refusal("/dev/zero"), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("is a link to \"nowhere/at-all\", which is not there", Refusal(In("broken")), StringComparison.Ordinal);
        Assert.Contains("leads back to itself", Refusal(In("a")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("/nowhere/at/all")]
    [InlineData("/etc/passwd/below-a-file")]
    public void A_path_that_nothing_has_is_not_there(string path)
    {
        Assert.False(InputEntry.At(path).IsThere);
        Assert.Contains("is not there", Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_longer_than_any_is_not_there() => Assert.False(InputEntry.At("/" + new string('x', 5000)).IsThere);

    [Fact]
    public void Every_kind_of_entry_has_its_words() =>
        Assert.All(Enum.GetValues<EntryKind>(),
            kind => Assert.Equal(kind == EntryKind.File, new InputEntry("/x", kind, 0, IsLink: false).Objection is null));

    public static TheoryData<byte[], string> Contents => new()
    {
        { [], "is empty" },
        { "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"u8.ToArray(), "git lfs pull" },
        { Compressed(s => new System.IO.Compression.GZipStream(s, System.IO.Compression.CompressionLevel.Fastest)), "gzip" },
        { [0x28, 0xB5, 0x2F, 0xFD, 0x24], "zstd" },
        { [0x52, 0x2A, 0x4D, 0x18, 4, 0, 0, 0], "zstd" },
        { "PK\x03\x04..."u8.ToArray(), "zip archive" },
        { [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 0], "(xz)" },
        { "BZh91AY&SY"u8.ToArray(), "(bzip2)" },
        { [0x04, 0x22, 0x4D, 0x18], "(lz4)" },
        { [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], "7-Zip" },
        { "\uFEFF\n<!DOCTYPE HTML>\n<html>"u8.ToArray(), "web page" },
    };

    private static byte[] Compressed(Func<Stream, Stream> with)
    {
        using var bytes = new MemoryStream();
        using (var stream = with(bytes))
            stream.Write("{}"u8);
        return bytes.ToArray();
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public void Content_that_is_not_what_a_name_says_is_told_by_its_first_bytes(byte[] content, string reason)
    {
        var file = _folder.File("model.safetensors", content);
        var error = Assert.Throws<InvalidInputException>(() => InputFile.Plain(file));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version 1 of the text")]
    [InlineData("BZhello")]
    [InlineData("P")]
    [InlineData("{\"a\": \"<html>\"}")]
    public void Plain_content_is_plain(string content)
    {
        var file = _folder.File("a", content);

        Assert.Equal(Encoding.UTF8.GetBytes(content), InputFile.Plain(file).Head(100));
    }

    [Fact]
    public void Every_kind_of_content_but_plain_has_its_words() =>
        Assert.All(Enum.GetValues<InputContent>(),
            content => Assert.Equal(content == InputContent.Plain, InputFile.Objection(content) is null));
}
