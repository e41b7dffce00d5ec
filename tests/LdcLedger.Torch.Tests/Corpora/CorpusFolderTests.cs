using System.Text;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Tests.Inputs;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

/// <summary>What of a folder is read, what is passed over, and that it is said.</summary>
public sealed class CorpusFolderTests : IDisposable
{
    private const string Records = "{\"text\": \"one\"}\n{\"text\": \"two\"}\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string In(string name) => Path.Combine(_folder.Path, name);

    private Corpus Open(CorpusFormat format = CorpusFormat.Auto) => Corpus.Open(_folder.Path, format);

    private string Refusal(CorpusFormat format = CorpusFormat.Auto) =>
        Assert.Throws<InvalidInputException>(() => Open(format)).Message;

    private IEnumerable<string> Read(Corpus corpus) =>
        corpus.Files.Select(file => Path.GetRelativePath(_folder.Path, file.Path).Replace('\\', '/'));

    private void Sources(int count)
    {
        for (var i = 0; i < count; i++)
            _folder.File($"src/m{i:00}.py", $"x = {i}\n");
    }

    private static Dictionary<string, int> Reasons(Corpus corpus) =>
        corpus.PassedOver.ToDictionary(passed => passed.Reason, passed => passed.Count);

    [Fact]
    public void A_folder_of_json_files_that_hold_records_is_records()
    {
        _folder.File("part-0.json", Records);
        _folder.File("part-1.json", $"[{Records.Trim().Replace("\n", ",", StringComparison.Ordinal)}]");
        _folder.File("dataset_info.json", "{\"description\": \"about\"}");
        _folder.File("settings.json", "{\n  \"a\": 1\n}\n");
        _folder.File("names.json", "[\"a\", \"b\"]");

        var corpus = Open();

        Assert.Equal(CorpusFormat.Jsonl, corpus.Format);
        Assert.Equal(["part-0.json", "part-1.json"], Read(corpus));
        Assert.Equal(4, corpus.Records().Count());
        Assert.Equal(new() { ["about the data (README, licence, checksums, ...)"] = 1, ["JSON without records"] = 2 }, Reasons(corpus));
    }

    [Fact]
    public void Records_of_unknown_fields_are_records_and_not_passed_over()
    {
        _folder.File("part-0.json", "{\"frage\": \"a\"}\n{\"frage\": \"b\"}\n");

        Assert.Contains("the record has \"frage\"", Assert.Throws<InvalidInputException>(() => Open().Records().ToList()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Data_with_what_tells_of_it_and_a_script_is_data()
    {
        for (var i = 0; i < 10; i++)
            _folder.File($"data/train-{i}.jsonl", Records);
        _folder.File("README.md", "# Data");
        _folder.File("LICENSE", "MIT");
        _folder.File("load.py", "x = 1\n");
        _folder.File("logo.png", [0x89, 0x50, 0, 1]);
        _folder.File(".gitattributes", "*.jsonl");

        var corpus = Open();

        Assert.Equal(CorpusFormat.Jsonl, corpus.Format);
        Assert.Equal(10, corpus.Files.Count);
        Assert.Equal(new()
        {
            ["about the data (README, licence, checksums, ...)"] = 2, ["files of source code"] = 1, ["hidden"] = 1, ["of another kind"] = 1,
        }, Reasons(corpus));
    }

    [Fact]
    public void One_file_of_records_among_many_sources_is_never_all_of_it()
    {
        Sources(40);
        _folder.File("tests/data.jsonl", Records);

        var corpus = Open();

        Assert.Equal(CorpusFormat.Code, corpus.Format);
        Assert.Equal(41, corpus.Files.Count);
    }

    [Fact]
    public void A_folder_of_several_kinds_is_asked_about()
    {
        Sources(3);
        _folder.File("data.jsonl", Records);

        Assert.Contains("holds 1 file of JSON records and 3 files of source code; "
            + "which of them it is for, `format` has to say: jsonl or code", Refusal(), StringComparison.Ordinal);
        Assert.Equal(["data.jsonl"], Read(Open(CorpusFormat.Jsonl)));
        Assert.Equal(4, Open(CorpusFormat.Code).Files.Count);
        _folder.File("data.parquet", "PAR1");
        Assert.Contains("1 file of Parquet", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Prose_is_prose_though_a_script_lies_beside_it_and_sources_are_sources_though_prose_tells_of_them()
    {
        for (var i = 0; i < 10; i++)
            _folder.File($"prose/{i}.txt", "Once\n\nupon a time");
        _folder.File("prose/clean.py", "x = 1\n");
        Sources(5);
        for (var i = 0; i < 5; i++)
            _folder.File($"src/doc/{i}.md", "# About");

        Assert.Equal(CorpusFormat.Text, Corpus.Open(In("prose")).Format);
        Assert.Equal(20, Corpus.Open(In("prose")).Records().Count());
        Assert.Equal(CorpusFormat.Code, Corpus.Open(In("src")).Format);
        Assert.Contains("10 files of prose and 3 files of source code", Mixed(), StringComparison.Ordinal);

        string Mixed()
        {
            _folder.File("prose/b.py", "x");
            _folder.File("prose/c.py", "x");
            return Assert.Throws<InvalidInputException>(() => Corpus.Open(In("prose"))).Message;
        }
    }

    [Fact]
    public void What_nobody_wrote_is_not_read_as_source()
    {
        Sources(2);
        _folder.File("src/empty.py", "");
        _folder.File("README.md", "# Program");
        _folder.File("node_modules/left-pad/index.js", "x");
        _folder.File("vendor/lib/a.go", "x");
        _folder.File("dist/app.js", "x");
        _folder.File("build/lib.py", "x");
        _folder.File("src/__pycache__/m.py", "x");
        _folder.File("rust/Cargo.toml", "[package]");
        _folder.File("rust/target/debug/a.rs", "x");
        _folder.File("src/target/real.py", "x = 1\n");
        _folder.File("package-lock.json", "{}");
        _folder.File("Cargo.lock", "x");
        _folder.File("poetry.lock", "x");
        _folder.File("src/jquery.min.js", "x");
        _folder.File("src/bundle.js", new string('x', 20_000));
        _folder.File("src/api_pb2.py", "x");
        _folder.File("src/zz.go", "// Code generated by stringer. DO NOT EDIT.\npackage x\n");
        _folder.File("src/Form.Designer.cs", "x");
        _folder.File("logo.png", [0x89, 0x50, 0, 1]);
        _folder.File("a.tar.gz", [0x1F, 0x8B, 8]);
        _folder.File("big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
        _folder.File(".git/config", "[core]");

        var corpus = Open();

        Assert.Equal(CorpusFormat.Code, corpus.Format);
        Assert.Equal(["README.md", "rust/Cargo.toml", "src/empty.py", "src/m00.py", "src/m01.py", "src/target/real.py"], Read(corpus));
        Assert.Equal(new()
        {
            ["binary files"] = 2, ["folders of installed, vendored or built files"] = 6, ["generated files"] = 3, ["hidden"] = 1,
            ["lock files"] = 3, ["minified files"] = 2, ["pointers of Git LFS (`git lfs pull` fetches the files)"] = 1,
        }, Reasons(corpus));
        Assert.Equal("build/", corpus.PassedOver.Single(passed => passed.Reason.StartsWith("folders", StringComparison.Ordinal)).Example);
    }

    [Fact]
    public void Folders_of_data_may_be_called_build_or_vendor()
    {
        _folder.File("build/a.jsonl", Records);
        _folder.File("vendor/b.jsonl", Records);

        Assert.Equal(["build/a.jsonl", "vendor/b.jsonl"], Read(Open()));
    }

    [Fact]
    public void Links_and_pipes_hold_nothing_up()
    {
        Sources(9);
        _folder.File("elsewhere/far.py", "far = 1\n");
        OddFiles.Link(In("src/loop"), "..");
        OddFiles.Link(In("src/broken.py"), "/nonexistent.py");
        OddFiles.Link(In("src/circle.py"), "circle.py");
        OddFiles.Pipe(In("src/pipe.py"));
        OddFiles.Link(In("src/to-pipe.py"), "pipe.py");
        OddFiles.Link(In("src/again.py"), "m03.py");
        OddFiles.Link(In("src/outside.py"), "../elsewhere/far.py");
        OddFiles.Link(In("src/outside-again.py"), "../elsewhere/far.py");

        var corpus = Corpus.Open(In("src"));

        Assert.Equal([.. Enumerable.Range(0, 9).Select(i => $"src/m{i:00}.py"), "src/outside-again.py"], Read(corpus));
        Assert.Equal(10, corpus.Records().Count());
        Assert.Equal(new()
        {
            ["links to folders"] = 1, ["links that lead nowhere"] = 2, ["pipes, sockets and devices"] = 2,
            ["links to files that are read anyway"] = 2,
        }, Reasons(corpus));
    }

    [Fact]
    public void A_corpus_behind_links_is_what_the_links_lead_to()
    {
        _folder.File("real/a.py", "a = 1\n");
        OddFiles.Link(In("link"), "real");

        Assert.Single(Corpus.Open(In("link")).Records());
        Assert.Contains("is a pipe", Assert.Throws<InvalidInputException>(() =>
            Corpus.Open(OddFiles.Pipe(In("p.jsonl")))).Message, StringComparison.Ordinal);
        Assert.Contains("is a link to \"nowhere\", which is not there", Assert.Throws<InvalidInputException>(() =>
            Corpus.Open(OddFiles.Link(In("l.jsonl"), "nowhere"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_nothing_that_is_read_says_what_it_holds()
    {
        _folder.File("a.csv", "a,b");
        _folder.File("b.csv", "a,b");

        Assert.Contains("holds nothing but files such as \"a.csv\", which are not read", Refusal(), StringComparison.Ordinal);
        Assert.Contains("holds no file to read as parquet (.parquet); passed over: in a form that is not read: 2 (a.csv, ...).",
            Refusal(CorpusFormat.Parquet), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_stated_is_all_of_it_that_is_text()
    {
        _folder.File("a", "One\n\nTwo");
        _folder.File("b.log", "Three");
        _folder.File("c.bin2", [1, 0, 2]);

        Assert.Equal(["a", "b.log"], Read(Open(CorpusFormat.Text)));
        Assert.Equal(3, Open(CorpusFormat.Text).Records().Count());
    }

    [Fact]
    public void The_hash_of_a_folder_is_that_of_sha256sum_s_lines_for_what_is_read()
    {
        _folder.File("b.txt", "x");
        _folder.File("a/c.txt", "y");
        string Line(string content, string name) =>
            $"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(content)))}  {name}\n";

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            Encoding.UTF8.GetBytes(Line("y", "a/c.txt") + Line("x", "b.txt")))), Open().Hash);
    }
}
