using LdcLedger.Torch.Tests.Corpora;
using Xunit;

namespace LdcLedger.Torch.Tests.Inputs;

public sealed class PathHintTests : IDisposable
{
    private const string Name = "meta-llama/Llama-3.2-1B";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public PathHintTests() => _environment["HOME"] = Path.Combine(_folder.Path, "home");

    public void Dispose() => _folder.Dispose();

    private string Model(string given) => PathHint.ForModel(given, _folder.Path, _environment.GetValueOrDefault);

    private string Snapshot(string cache, string revision, string repository = "models--meta-llama--Llama-3.2-1B") =>
        Path.GetDirectoryName(_folder.File(Path.Combine(cache, repository, "snapshots", revision, "config.json"), "{}"))!;

    [Theory]
    [InlineData("home/.cache/huggingface/hub", null, null)]
    [InlineData("a/hub", "HF_HUB_CACHE", "a/hub")]
    [InlineData("b/hub", "HF_HOME", "b")]
    [InlineData("c/huggingface/hub", "XDG_CACHE_HOME", "c")]
    public void A_name_on_the_hub_is_answered_with_its_snapshot_in_the_local_cache(string cache, string? variable, string? value)
    {
        if (variable is not null) _environment[variable] = Path.Combine(_folder.Path, value!);
        var snapshot = Snapshot(cache, "abc");

        foreach (var given in (string[])[Name, $"https://huggingface.co/{Name}", $"hf://{Name}", Path.Combine(_folder.Path, Name),
            "meta-llama/llama-3.2-1b"])
            Assert.EndsWith($"is in this machine's cache of it, so give {snapshot}", Model(given), StringComparison.Ordinal);
    }

    [Fact]
    public void The_snapshot_is_that_of_the_main_branch_else_the_newest()
    {
        var cache = "home/.cache/huggingface/hub";
        var (older, newer) = (Snapshot(cache, "zzz"), Snapshot(cache, "aaa"));
        Directory.SetLastWriteTimeUtc(older, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.EndsWith(newer, Model(Name), StringComparison.Ordinal);

        _folder.File(Path.Combine(cache, "models--meta-llama--Llama-3.2-1B", "refs", "main"), "zzz\n");
        Assert.EndsWith(older, Model(Name), StringComparison.Ordinal);

        _folder.File(Path.Combine(cache, "models--meta-llama--Llama-3.2-1B", "refs", "main"), "gone");
        Assert.EndsWith(newer, Model(Name), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_in_no_cache_has_to_be_downloaded()
    {
        Assert.Equal($"; names on the Hugging Face hub are not looked up, so download it (hf download {Name} --local-dir FOLDER) and give "
            + "that folder", Model(Name));
        Assert.Contains("--repo-type dataset", PathHint.ForCorpus("HuggingFaceH4/ultrachat_200k", _folder.Path,
            _environment.GetValueOrDefault), StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_of_a_cached_repository_is_answered_with_its_snapshot()
    {
        var snapshot = Snapshot("hub", "abc");

        Assert.EndsWith($"so give its snapshot {snapshot}", Model(Path.Combine(_folder.Path, "hub", "models--meta-llama--Llama-3.2-1B")),
            StringComparison.Ordinal);
        Assert.Equal($"; there is one in {snapshot}", Model(Path.GetDirectoryName(snapshot)!));
    }

    [Theory]
    [InlineData("~/models/x", "; ~ is a shell's, so write HOME/models/x")]
    [InlineData("~", "; ~ is a shell's, so write HOME")]
    [InlineData("~somebody/x", "; ~ is a shell's, so write the whole path")]
    [InlineData("$HOME/models/x", "; variables are a shell's, so write the whole path, HOME/models/x")]
    [InlineData("${HOME}/x", "; variables are a shell's, so write the whole path, HOME/x")]
    [InlineData("%HOME%/x", "; variables are a shell's, so write the whole path, HOME/x")]
    [InlineData("$NOTHING/x", "; variables are a shell's, so write the whole path")]
    [InlineData("file:///data/my%20model", "; a path stands without file:, so write /data/my model")]
    [InlineData("s3://bucket/model", "; it is an address, and nothing is read over a network: save it here and give its path")]
    public void What_only_a_shell_or_a_network_understands_is_said_so(string given, string says)
    {
        var home = _environment["HOME"];

        Assert.Equal(says.Replace("HOME", home, StringComparison.Ordinal), Model(given));
        Assert.Equal(Model(given), Model(Path.GetFullPath(given, _folder.Path)));   // as a spec makes it absolute
    }

    [Theory]
    [InlineData("models/tiny")]
    [InlineData("/nowhere/else")]
    [InlineData("./meta-llama/x/y")]
    [InlineData("tiny")]
    [InlineData("../x")]
    [InlineData("corpora-of-mine/train.jsonl")]
    public void A_path_that_reads_like_one_gets_no_hint(string given) => Assert.Equal("", Model(given));
}
