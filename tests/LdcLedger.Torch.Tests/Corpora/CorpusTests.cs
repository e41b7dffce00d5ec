using System.Security.Cryptography;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

public sealed class CorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static List<CorpusRecord> Records(string path, CorpusFormat format = CorpusFormat.Auto) =>
        [.. Corpus.Open(path, format).Records()];

    [Fact]
    public void A_line_is_a_text_or_a_prompt_with_its_response_or_a_conversation()
    {
        var file = _folder.File("a.jsonl", """
            {"text": "plain", "id": 1}

            {"prompt": "Why?", "response": "So.", "text": "not this"}
            {"messages": [{"role": "user", "content": "Hi"}, {"role": "model", "content": [{"type": "text", "text": "Ho"}]}]}
            {"text": "  "}
            """);

        var records = Records(file);

        Assert.Equal(new CorpusRecord.Plain("plain", $"{file}, line 1"), records[0]);
        Assert.Equal("Why?", Assert.IsType<CorpusRecord.Answered>(records[1]).Prompt);
        Assert.Equal([new Turn("user", "Hi"), new Turn("assistant", "Ho")], Assert.IsType<CorpusRecord.Conversation>(records[2]).Turns);
        Assert.Equal(3, records.Count);   // a blank record is passed over
    }

    [Fact]
    public void A_text_is_its_paragraphs()
    {
        var file = _folder.File("a.txt", "\uFEFFOne\r\nline two  \r\n\r\n \nThree\n");

        Assert.Equal(["One\nline two", "Three"], Records(file).Cast<CorpusRecord.Plain>().Select(r => r.Text));
    }

    [Fact]
    public void A_folder_of_sources_is_its_files_in_order_of_name()
    {
        _folder.File("src/b.py", "b = 1\n");
        _folder.File("src/a/z.py", "z = 1\n");
        _folder.File(".git/config", "[core]");
        _folder.File("logo.png", [0x89, 0x50, 0, 1]);

        Assert.Equal(["z = 1\n", "b = 1\n"], Records(_folder.Path).Cast<CorpusRecord.Plain>().Select(r => r.Text));
        Assert.Equal(CorpusFormat.Code, Corpus.Open(_folder.Path).Format);
    }

    [Fact]
    public void The_hash_of_a_file_is_its_own_and_that_of_a_folder_follows_names_and_contents()
    {
        var file = _folder.File("one/a.txt", "x");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("x"u8)), Corpus.Open(file).Hash);
        var before = Corpus.Open(Path.GetDirectoryName(file)!).Hash;

        _folder.File("two/a.txt", "x");
        Assert.Equal(before, Corpus.Open(Path.Combine(_folder.Path, "two")).Hash);
        _folder.File("two/b.txt", "x");
        Assert.NotEqual(before, Corpus.Open(Path.Combine(_folder.Path, "two")).Hash);
    }

    [Fact]
    public void The_side_of_a_record_does_not_hang_on_how_its_characters_and_lines_are_written()
    {
        var one = new CorpusRecord.Answered("é?", "a\nb", "here");
        var other = new CorpusRecord.Answered(" e\u0301? ", "a  \r\nb\r\n", "there");

        Assert.Equal(one.NormalisedContent, other.NormalisedContent);
        Assert.NotEqual(one.NormalisedContent, new CorpusRecord.Answered("é?a", "\nb", "here").NormalisedContent);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    public void About_the_share_asked_for_is_held_out(double share)
    {
        var heldOut = Enumerable.Range(0, 4000).Count(i => new CorpusRecord.Plain($"record {i}", "").IsHeldOut(share));

        Assert.InRange(heldOut / 4000.0, share - 0.03, share + 0.03);
    }

    [Fact]
    public void A_larger_share_holds_out_all_that_a_smaller_one_does() =>
        Assert.All(Enumerable.Range(0, 500).Select(i => new CorpusRecord.Plain($"record {i}", "")),
            r => Assert.True(!r.IsHeldOut(0.1) || r.IsHeldOut(0.3)));

    [Theory]
    [InlineData("{\"text\": \"a\"}\n{\"text\": }\n", "line 2: the line is not valid JSON (at byte 10)")]
    [InlineData("{\"text\": \"a\"}\n{\"text\": \"b\n{\"text\": \"c\"}", "line 2: the line is not valid JSON")]
    [InlineData("[{\"text\": \"a\"},\n", "record 2 (line 2) is missing, or the list's closing bracket")]
    [InlineData("[{\"text\": \"a\"}\n{\"text\": \"b\"}]", "record 2 (line 2) does not follow the one before after a comma")]
    [InlineData("[{\"text\": \"a\"}, {\"text\": ]", "record 2 (line 1) is not valid JSON")]
    [InlineData("[{\"text\": \"a\"}, {\"text\": \"b", "record 2 (line 1) is not valid JSON")]
    [InlineData("[{\"text\": \"a\"}] more", "record 2 (line 1) stands behind the end of the list")]
    [InlineData("[1, {\"text\": \"a\"}]", "record 1 (line 1): the record is a number, but an object is needed")]
    [InlineData("{\"body\": \"a\"}", "the record has \"body\", but \"text\", or \"prompt\" and \"response\", or \"messages\"")]
    [InlineData("{\"prompt\": \"a\"}", "\"prompt\" without \"response\"")]
    [InlineData("{\"text\": 3}", "\"text\" is a number, but a text is needed")]
    [InlineData("\"a\"", "the record is a text, but an object is needed")]
    [InlineData("{\"messages\": [{\"role\": \"tool\", \"content\": \"\"}]}", "message 1 has the role \"tool\"")]
    [InlineData("{\"messages\": [{\"role\": \"assistant\", \"content\": \"\"}]}", "message 1 has the role assistant, but user is next")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"user\", \"content\": \"b\"}]}",
        "message 2 has the role user, but assistant is next")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"tool_calls\": [{}]}]}",
        "message 2 calls a tool, which is not read")]
    [InlineData("{\"messages\": {\"role\": [\"user\"], \"content\": []}}", "\"messages\" is an object, but a list is needed")]
    [InlineData("{\"text\": \"\\ud800\"}", "\"text\" is not valid Unicode")]
    [InlineData("{\"\\ud800\": \"a\"}", "not valid Unicode")]
    public void A_bad_record_is_named(string content, string reason)
    {
        var file = _folder.File("bad.jsonl", content);
        var error = Assert.Throws<InvalidInputException>(() => Records(file));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_bad_records_the_others_are_read()
    {
        var bad = new BadRecords();
        byte[] lines = [.. "{\"text\": \"a\"}\n{\"text\": \""u8, 0xFF, .. "\"}\n{\"text\": \"b\"}\n"u8];
        byte[] prose = [.. "one\n\ntwo "u8, 0xE9, .. "t\u00e9\nline\n\nthree"u8];
        _folder.File("src/a.py", "a = 1\n");
        _folder.File("src/b.py", [.. "b = 1\n# "u8, 0xDF]);

        Assert.Equal(["a", "b"], Texts(_folder.File("a.jsonl", lines)));
        Assert.Equal(["one", "three"], Texts(_folder.File("a.txt", prose)));
        Assert.Equal(["a = 1\n"], Texts(Path.Combine(_folder.Path, "src")));
        Assert.Equal(
            [("a.jsonl, line 2", "the line is not valid UTF-8"), ("a.txt, line 3", "the line is not valid UTF-8"),
                ("src/b.py, line 2", "the line is not valid UTF-8")],
            bad.First.Select(b => (Path.GetRelativePath(_folder.Path, b.Place), b.Reason)));

        List<string> Texts(string path) =>
            [.. Corpus.Open(path).Records(bad).Cast<CorpusRecord.Plain>().Select(record => record.Text)];
    }

    [Theory]
    [InlineData("a.xyz", "cannot be told from its name")]
    [InlineData("a.parquet", "cannot be read as Parquet")]
    public void A_file_of_no_known_format_is_refused(string name, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidInputException>(() => Records(_folder.File(name, "x"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_wrong_path_or_format_is_refused()
    {
        Assert.Contains("There is no corpus at \"/nowhere\"", Assert.Throws<InvalidInputException>(() => Corpus.Open("/nowhere")).Message,
            StringComparison.Ordinal);
        Assert.Contains("\"csv\" is unknown", Assert.Throws<InvalidInputException>(() => Corpus.ParseFormat("csv")).Message,
            StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "empty"));
        Assert.Contains("holds no file to read as code",
            Assert.Throws<InvalidInputException>(() => Corpus.Open(Path.Combine(_folder.Path, "empty"))).Message, StringComparison.Ordinal);
        Assert.Contains("holds no file to read as jsonl",
            Assert.Throws<InvalidInputException>(() => Corpus.Open(_folder.Path, CorpusFormat.Jsonl)).Message, StringComparison.Ordinal);
    }
}
