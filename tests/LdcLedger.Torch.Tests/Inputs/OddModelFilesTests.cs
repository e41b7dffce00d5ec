using System.IO.Compression;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Inputs;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Models;
using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Inputs;

/// <summary>Model directories whose entries are not the files that their names promise. Nothing may wait on them.</summary>
public sealed class OddModelFilesTests
{
    private static readonly string[] Files = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
        "special_tokens_map.json", "generation_config.json", "chat_template.jinja", "model.safetensors.index.json"];

    public static TheoryData<string, string, string> Oddities()
    {
        var all = new TheoryData<string, string, string>();
        foreach (var file in Files)
            foreach (var (kind, says) in ((string, string)[])[("pipe", "is a pipe"), ("device", "is a device"), ("folder", "is a folder"),
                ("broken", "is a link to \"nowhere\", which is not there"), ("loop", "is a link that leads back to itself"),
                ("pointer", "is a pointer of Git LFS"), ("gzip", "is compressed (gzip)"), ("empty", "is empty")])
                all.Add(file, kind, says);
        return all;
    }

    [Theory]
    [MemberData(nameof(Oddities))]
    public void An_entry_that_is_no_such_file_is_named_with_what_it_is(string file, string kind, string says)
    {
        using var folder = ModelFolder.Demo();
        if (file == "model.safetensors.index.json") File.Delete(folder.Weights);
        Become(folder[file], kind);

        var refusal = Assert.Throws<InvalidInputException>(() => Read(folder.Path)).Message;

        Assert.Contains(says, refusal, StringComparison.Ordinal);
        Assert.Contains(folder[file], refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pipe", "is a pipe")]
    [InlineData("pointer", "is a pointer of Git LFS")]
    public void So_is_a_shard(string kind, string says)
    {
        using var folder = ModelFolder.Golden("llama-mha-untied-sharded");
        Become(folder["model-00003-of-00004.safetensors"], kind);

        var refusal = Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message;

        Assert.Contains("model-00003-of-00004.safetensors", refusal, StringComparison.Ordinal);
        Assert.Contains(says, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_of_links_into_blobs_reads_and_hashes_as_the_plain_files()
    {
        using var plain = ModelFolder.Demo();
        using var cache = ModelFolder.Demo();
        var (blobs, snapshot) = (Directory.CreateDirectory(cache["blobs"]), Directory.CreateDirectory(cache["snapshots/abc"]));
        foreach (var (i, file) in Directory.GetFiles(cache.Path).Index())
        {
            File.Move(file, Path.Combine(blobs.FullName, $"{i}"));
            OddFiles.Link(Path.Combine(snapshot.FullName, Path.GetFileName(file)), $"../../blobs/{i}");
        }

        using ModelDirectory whole = ModelDirectory.Open(plain.Path), linked = ModelDirectory.Open(snapshot.FullName);

        Assert.Equal(InputHashes.OfWeights(whole.Weights.Files), InputHashes.OfWeights(linked.Weights.Files));
        Assert.Equal(new FileInfo(plain.Weights).Length, linked.Weights.Bytes);
        Assert.Equal(Tokenizer.Load(plain.Path).Hash, Tokenizer.Load(snapshot.FullName).Hash);
        Assert.Equal(InputHashes.OfFile(plain["config.json"]), InputHashes.OfFile(Path.Combine(snapshot.FullName, "config.json")));
    }

    [Fact]
    public void A_byte_order_mark_and_line_ends_of_Windows_change_nothing_but_the_hash()
    {
        using var plain = ModelFolder.Golden("llama-mha-untied-sharded");
        using var folder = ModelFolder.Golden("llama-mha-untied-sharded");
        foreach (var file in (string[])["config.json", "model.safetensors.index.json"])
            folder.Write(file, '\uFEFF' + File.ReadAllText(folder[file]).ReplaceLineEndings("\r\n"));

        using ModelDirectory whole = ModelDirectory.Open(plain.Path), wrapped = ModelDirectory.Open(folder.Path);

        Assert.Equal(whole.Config.TextParameters, wrapped.Config.TextParameters);
        Assert.Equal(whole.Weights.Tensors.Keys.Order(), wrapped.Weights.Tensors.Keys.Order());
        folder.Write("config.json", "{");
        Assert.Contains("config.json is not valid JSON at line 1, column 2",
            Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllText(folder["config.json"], "{}", System.Text.Encoding.Unicode);
        Assert.Contains("config.json is text in UTF-16",
            Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pytorch_model.bin", "pytorch_model.bin lies there, but only these two are read, so save the model as safetensors")]
    [InlineData("model-q4.gguf", "model-q4.gguf lies there, but only these two are read")]
    [InlineData("adapter_model.safetensors", "it holds a PEFT adapter, so the folder of its base is needed")]
    [InlineData("model-00001-of-00002.safetensors", "shards without the index that names them model-00001-of-00002.safetensors lies")]
    public void Weights_of_another_kind_are_named(string file, string says)
    {
        using var folder = ModelFolder.Demo();
        File.Move(folder.Weights, folder[file]);

        Assert.Contains(says, Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_of_another_kind_is_named()
    {
        using var folder = ModelFolder.Demo();
        File.Move(folder["tokenizer.json"], folder["tokenizer.model"]);

        Assert.Contains("tokenizer.model is not read, but transformers' save_pretrained makes a tokenizer.json of it",
            Assert.Throws<InvalidInputException>(() => Tokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_that_are_gone_are_counted_and_others_beside_the_index_named()
    {
        using var folder = ModelFolder.Golden("llama-mha-untied-sharded");
        foreach (var shard in (int[])[2, 3])
            File.Move(folder[$"model-0000{shard}-of-00004.safetensors"], folder[$"model-0000{shard}-of-00009.safetensors"]);

        Assert.Contains("names the shard model-00002-of-00004.safetensors, which is not there (and 1 of its 4 shards besides); beside it, "
            + "not named by it, model-00002-of-00009.safetensors, model-00003-of-00009.safetensors lie.",
            Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GGUF", "is a GGUF file, whatever its name")]
    [InlineData("PK\x03\x04", "is a zip archive")]
    [InlineData("\u0080\u0002}q", "is a pickle of PyTorch's, whatever its name")]
    public void A_renamed_file_of_another_format_is_named(string head, string says)
    {
        using var folder = ModelFolder.Demo();
        File.WriteAllBytes(folder.Weights, [.. System.Text.Encoding.Latin1.GetBytes(head), .. new byte[100]]);

        Assert.Contains(says, Assert.Throws<InvalidInputException>(() => ModelDirectory.Open(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>All that a study reads of a model's directory.</summary>
    private static void Read(string path)
    {
        ModelDirectory.Open(path).Dispose();
        DocumentTemplate.Read("chat", Tokenizer.Load(path));
    }

    private static void Become(string path, string kind)
    {
        var content = File.Exists(path) ? File.ReadAllBytes(path) : "{}"u8.ToArray();
        File.Delete(path);
        switch (kind)
        {
            case "pipe":
                OddFiles.Pipe(path);
                break;
            case "device":
                OddFiles.Link(path, "/dev/zero");
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "broken":
                OddFiles.Link(path, "nowhere");
                break;
            case "loop":
                OddFiles.Link(path, Path.GetFileName(path));
                break;
            case "pointer":
                File.WriteAllText(path, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
                break;
            case "gzip":
                using (var zip = new GZipStream(File.Create(path), CompressionLevel.Fastest)) zip.Write(content);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }
}
