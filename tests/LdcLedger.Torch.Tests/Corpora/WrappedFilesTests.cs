using System.IO.Compression;
using System.Text;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Tests.Inputs;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;
using ZstdSharp;

namespace LdcLedger.Torch.Tests.Corpora;

/// <summary>Where only the wrapping changes, what is read stays.</summary>
public sealed class WrappedFilesTests : IDisposable
{
    private const string Lines = "{\"text\": \"é one\"}\n{\"text\": \"two\"}\n\n{\"text\": \"three\"}\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static List<string> Texts(string path) =>
        [.. Corpus.Open(path).Records().Cast<CorpusRecord.Plain>().Select(record => record.Text)];

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Zstandard(byte[] bytes)
    {
        using var compressor = new Compressor();
        return compressor.Wrap(bytes).ToArray();
    }

    public static TheoryData<string, byte[]> Wrappings
    {
        get
        {
            var plain = Encoding.UTF8.GetBytes(Lines);
            var (first, second) = (plain[..20], plain[20..]);
            return new()
            {
                { "a.jsonl", plain },
                { "a.jsonl", Encoding.UTF8.GetBytes("\uFEFF" + Lines) },
                { "a.jsonl", Encoding.UTF8.GetBytes(Lines.Replace("\n", "\r\n", StringComparison.Ordinal)) },
                { "a.jsonl", Encoding.UTF8.GetBytes(Lines.TrimEnd()) },
                { "a.jsonl", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Lines)] },
                { "a.jsonl", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Lines)] },
                { "a.jsonl", [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(Lines)] },
                { "a.jsonl.gz", Gzip(plain) },
                { "a.jsonl.gz", [.. Gzip(first), .. Gzip(second)] },
                { "a.jsonl.zst", Zstandard(plain) },
                { "a.jsonl.zst", [.. Zstandard(first), .. Zstandard(second)] },
                { "a.ndjson.zstd", Zstandard(plain) },
                { "a.jsonl", Gzip(plain) },
                { "blob-without-an-ending", plain },
                { "blob-without-an-ending", Zstandard(Encoding.UTF8.GetBytes("\uFEFF" + Lines)) },
                { "a.json", plain },
                { "a.json", Encoding.UTF8.GetBytes($"[{string.Join(",\n", Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))}]") },
                { "a.json", "{\n  \"text\": \"é one\"\n}\n{\n  \"text\": \"two\"\n}\n{\"text\":\n\"three\"}"u8.ToArray() },
                { "a.json.gz", Gzip(plain) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Wrappings))]
    public void Records_are_read_as_from_the_plain_file(string name, byte[] content) =>
        Assert.Equal(["é one", "two", "three"], Texts(_folder.File(name, content)));

    [Fact]
    public void So_are_a_link_and_folders_of_packed_files_and_prose()
    {
        var plain = Encoding.UTF8.GetBytes(Lines);
        _folder.File("packed/train.jsonl.gz", Gzip(plain));
        _folder.File("blobs/0123", plain);
        var link = OddFiles.Link(Path.Combine(_folder.Path, "snapshots", "abc", "train.jsonl"), "../../blobs/0123");

        Assert.Equal(["é one", "two", "three"], Texts(Path.Combine(_folder.Path, "packed")));
        Assert.Equal(["é one", "two", "three"], Texts(Path.GetDirectoryName(link)!));
        Assert.Equal(["é one", "two", "three"], Texts(link));
        Assert.Equal(plain.Length, Corpus.Open(link).Bytes);
        Assert.Equal(Corpus.Open(Path.Combine(_folder.Path, "blobs", "0123"), CorpusFormat.Jsonl).Hash, Corpus.Open(link).Hash);
        Assert.Equal(["One\nline", "Two"], Texts(_folder.File("a.txt.gz", Gzip("One\r\nline\r\n\r\nTwo"u8.ToArray()))));
        Assert.Equal(["x = 1\n"],
            Texts(_folder.File("wide/a.py", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("x = 1\n")])));
    }

    [Theory]
    [InlineData("a.jsonl.gz", 20)]
    [InlineData("a.jsonl.zst", 12)]
    public void Packed_data_that_is_cut_off_is_refused(string name, int missing)
    {
        var plain = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => $"{{\"text\": \"line {i * 7919}\"}}\n")));
        var packed = name.EndsWith("gz", StringComparison.Ordinal) ? Gzip(plain) : Zstandard(plain);

        Assert.Contains("is damaged or cut off", Assert.Throws<InvalidInputException>(() =>
            Texts(_folder.File(name, packed[..^missing]))).Message, StringComparison.Ordinal);
        if (name.EndsWith("zst", StringComparison.Ordinal))
            return;   // written without a checksum, as by default
        packed[packed.Length / 2] ^= 0x55;
        Assert.Throws<InvalidInputException>(() => Texts(_folder.File(name, packed)));
    }

    [Theory]
    [InlineData("a.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull")]
    [InlineData("a.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull")]
    [InlineData("a.jsonl.bz2", "BZh91AY&SY", "(bzip2); bunzip2 it first; of compressed files gzip and zstd are read as they are")]
    [InlineData("a.jsonl", "<!DOCTYPE html>\n<html>", "is a web page (HTML)")]
    [InlineData("a.zip", "PK\x03\x04", "is a zip archive; unpack it first")]
    [InlineData("a.csv", "a,b\n", "is of a form that is not read")]
    public void What_cannot_be_read_is_named(string name, string content, string reason)
    {
        Assert.Contains(reason, Assert.Throws<InvalidInputException>(() => Texts(_folder.File(name, content))).Message,
            StringComparison.Ordinal);
        _folder.File($"folder/{name}", content);
        _folder.File("folder/b.jsonl", Lines);
        // Data that is there and cannot be read is not passed over.
        if (name.StartsWith("a.jsonl", StringComparison.Ordinal) && content[0] != '<')
            Assert.Contains(reason, Assert.Throws<InvalidInputException>(() => Texts(Path.Combine(_folder.Path, "folder"))).Message,
                StringComparison.Ordinal);
    }

    /// <summary>It is packed inside; the library's words for a file in a wrapping are of magic bytes.</summary>
    [Fact]
    public void Parquet_in_a_wrapping_is_named()
    {
        var packed = _folder.File("a.parquet.gz", Gzip(File.ReadAllBytes(RepositoryFiles.Golden("corpora", "messages-page-v2.parquet"))));
        Assert.Contains("is compressed (gzip); gunzip it first", Assert.Throws<InvalidInputException>(() => Texts(packed)).Message,
            StringComparison.Ordinal);
        Assert.Contains("is empty", Assert.Throws<InvalidInputException>(() => Texts(_folder.File("b.parquet", ""))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_corpus_of_another_format_than_stated_is_named() =>
        Assert.Contains("is a Parquet file, not jsonl", Assert.Throws<InvalidInputException>(() =>
            Corpus.Open(_folder.File("a.jsonl", "PAR1...."), CorpusFormat.Jsonl)).Message, StringComparison.Ordinal);
}
