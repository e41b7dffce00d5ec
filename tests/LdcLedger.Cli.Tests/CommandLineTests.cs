using Xunit;

namespace LdcLedger.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("ldc")]
    [InlineData("ldc study")]
    [InlineData("ldc study init")]
    [InlineData("ldc study validate")]
    [InlineData("ldc study plan")]
    [InlineData("ldc model")]
    [InlineData("ldc model inspect")]
    [InlineData("ldc model verify")]
    [InlineData("ldc train verify")]
    [InlineData("ldc bench ledger")]
    [InlineData("ldc rules")]
    [InlineData("ldc rules replay RULE... STUDY")]
    [InlineData("ldc rules diff")]
    [InlineData("ldc study extend")]
    [InlineData("ldc run list")]
    [InlineData("ldc ledger seal")]
    [InlineData("ldc ledger check-proof")]
    [InlineData("ldc adapter")]
    [InlineData("ldc adapter inspect")]
    [InlineData("ldc adapter merge")]
    [InlineData("ldc ledger export")]
    [InlineData("ldc ledger import")]
    [InlineData("ldc export rankings")]
    public async Task Every_verb_has_a_help_that_says_how_to_use_it(string verb)
    {
        var call = await Ldc.Run([.. verb.Split(' ').Skip(1).TakeWhile(word => char.IsLower(word[0])), "--help"]);

        Assert.Equal(0, call.Code);
        Assert.StartsWith($"Usage: {verb} ", call.Out, StringComparison.Ordinal);
        Assert.Contains("--help", call.Out, StringComparison.Ordinal);
        Assert.Empty(call.Err);
    }

    [Fact]
    public async Task Without_arguments_the_verbs_are_listed()
    {
        var call = await Ldc.Run();

        Assert.Equal(0, call.Code);
        Assert.Contains("study init DIR", call.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("studi", "unknown verb 'studi'; did you mean 'study'?")]
    [InlineData("study", "ldc study needs a verb: init, validate")]
    [InlineData("study inti x", "unknown verb 'inti'; did you mean 'init'?")]
    [InlineData("study init", "ldc study init needs its argument DIR.")]
    [InlineData("study init a b", "unexpected argument 'b'.")]
    [InlineData("study validate study.yaml --jsn", "unknown option '--jsn'; did you mean '--json'?")]
    [InlineData("model verify", "Option '--golden' is required.")]
    [InlineData("model inspect /nowhere", "/nowhere does not exist")]
    [InlineData("model inspect tests/golden/shapes/llama-3.2-1b/config.json --rank 513", "--rank is 513; allowed is 1 to 512")]
    [InlineData("model verify --golden /nowhere", "/nowhere is not a folder")]
    [InlineData("model verify --golden src", "holds no golden.json")]
    [InlineData("study init README.md", "README.md is a file; the place to write to must be a folder")]
    [InlineData("study init README.md/mine", "README.md is a file; ")]
    [InlineData("study init /proc/mine", "/proc/mine, the place to write to, is in /proc, which cannot be written")]
    [InlineData("study run infra/demo/study.yaml --out README.md/mine", "README.md is a file; ")]
    [InlineData("study init ", "the name of the folder to write to is empty.")]
    [InlineData("study run infra/demo/study.yaml --out ", "the name of the folder to write to is empty.")]
    [InlineData("report build demo --out ", "the name of the folder to write to is empty.")]
    [InlineData("rules replay block-sum demo --out ", "the name of the folder to write to is empty.")]
    [InlineData("study extend demo --rule block-sum --out ", "the name of the folder to write to is empty.")]
    [InlineData("adapter merge src --base src --out ", "the name of the folder to write to is empty.")]
    [InlineData("study run infra/demo/study.yaml --device tpu", "device is tpu; cpu, cpu:torch, cuda and cuda:N are allowed.")]
    [InlineData("report build demo --format ,", "--format names none; allowed are pdf")]
    [InlineData("report build demo --out README.md", "README.md is a file; ")]
    [InlineData("bench ledger --events 5", "--events is 5; allowed is 100 to 1000000")]
    [InlineData("bench ledger --at-least fast", "--at-least is 'fast'; it is a share of the target above 0")]
    [InlineData("bench ledger --at-least run-lst=1", "'run-lst', which is not a figure; did you mean 'run-list'?")]
    [InlineData("study reproduce x --sample 9999999999", "--sample is '9999999999'; it must be a whole number, 2147483647 at most.")]
    [InlineData("study reproduce x --seed one", "--seed is 'one'; it must be a whole number, 2147483647 at most.")]
    [InlineData("ledger verify --against /nowhere", "/nowhere: there is no such file.")]
    [InlineData("ledger verify --key README.md", "README.md cannot be used as a key: it holds no key")]
    [InlineData("ledger check-proof README.md", "README.md is no proof: it is no JSON document")]
    [InlineData("ledger seal --out src", "src is a folder; the place to write to must be a file")]
    [InlineData("ledger prove 00 --out /nowhere/proof.json", "/nowhere, the folder of /nowhere/proof.json, is not there.")]
    [InlineData("run list --limit 0", "--limit is 0; allowed is 1 or more.")]
    [InlineData("study list --skip -1", "--skip is -1; allowed is 0 or more.")]
    [InlineData("study validate /nowhere.yaml", "/nowhere.yaml: there is no such file")]
    [InlineData("rules add /nowhere.yaml", "/nowhere.yaml: there is no such file; `ldc rules show block-sum` prints one to begin with")]
    [InlineData("rules add src", "src: this is a folder; a rule file is a YAML file")]
    [InlineData("study extend demo", "Option '--rule' is required.")]
    [InlineData("bench replay --events 5", "--events is 5; allowed is 200 to 10000000")]
    [InlineData("bench web --runs 5", "--runs is 5; allowed is 100 to 1000000")]
    [InlineData("bench web --seconds 0", "--seconds is 0; allowed is 0.01 to 600.")]
    [InlineData("bench web --at-least web-nws=1", "'web-nws', which is not a figure; did you mean 'web-news'?")]
    [InlineData("bench report --pages 0", "--pages is 0; allowed is 1 to 20000")]
    [InlineData("bench report --at-least report-tme=1", "'report-tme', which is not a figure; did you mean 'report-time'?")]
    [InlineData("bench replay --at-least replay-tme=1", "'replay-tme', which is not a figure; did you mean 'replay-time'?")]
    public async Task Bad_input_ends_with_2_and_one_sentence_on_stderr(string line, string message)
    {
        var call = await Ldc.Run(line.Split(' '));

        Assert.Equal(2, call.Code);
        Assert.Contains(message, call.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", call.Err, StringComparison.Ordinal);
        Assert.Empty(call.Out);
    }

    [Fact]
    public async Task A_stack_trace_is_shown_only_with_verbose()
    {
        var call = await Ldc.Run("model", "inspect", "/nowhere", "--verbose");

        Assert.Equal(2, call.Code);
        Assert.Contains("   at ", call.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_inspect_counts_what_LoRA_trains()
    {
        var call = await Ldc.Run("model", "inspect", "tests/golden/shapes/llama-3.2-1b/config.json", "--json");

        Assert.Equal(0, call.Code);
        Assert.Equal(1_235_814_400, call.Json.GetProperty("parameters").GetInt64());
        Assert.Equal(16, call.Json.GetProperty("layers").GetInt32());
        var all = call.Json.GetProperty("lora").GetProperty("tunings").EnumerateArray()
            .Single(t => t.GetProperty("tuning").GetString() == "all");
        Assert.Equal(11_272_192, all.GetProperty("trainable").GetInt64());
    }

    [Fact]
    public async Task Model_inspect_shows_a_table_without_colour_in_a_pipe()
    {
        var call = await Ldc.Run("model", "inspect", "infra/demo/models/tiny-llama");

        Assert.Equal(0, call.Code);
        Assert.Contains("1,640,576", call.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', call.Out);
    }

    [Fact]
    public async Task What_a_model_s_directory_holds_and_is_not_read_is_told_once_on_stderr()
    {
        using var folder = new Folder();
        foreach (var file in Directory.GetFiles(Path.Combine(Ldc.Repository, "infra/demo/models/tiny-llama")))
            File.Copy(file, folder[Path.GetFileName(file)]);
        folder.Write("model.safetensors.index.json", """{"weight_map":{"a":"model-00001-of-00002.safetensors"}}""");

        var call = await Ldc.Run("model", "inspect", folder.Path, "--json");

        Assert.Equal(0, call.Code);
        Assert.Equal("model.safetensors", call.Json.GetProperty("weights").GetProperty("files")[0].GetString());
        Assert.Equal($"{folder.Path} holds both model.safetensors and an index of shards, model.safetensors.index.json; the whole file is "
            + "read, as in transformers, and no shard.\n", call.Err);
    }
}
