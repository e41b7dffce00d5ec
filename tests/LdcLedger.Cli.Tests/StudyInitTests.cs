using Xunit;

namespace LdcLedger.Cli.Tests;

public sealed class StudyInitTests
{
    [Fact]
    public async Task What_init_writes_validates_asItIs()
    {
        using var folder = new Folder();

        var init = await Ldc.RunIn(folder.Path, new Dictionary<string, string>(), "study", "init", "mine");
        var validate = await Ldc.RunIn(folder.Path, new Dictionary<string, string>(), "study", "validate", "mine/study.yaml", "--json");

        Assert.Equal((0, 0), (init.Code, validate.Code));
        Assert.Equal(folder["mine/study.yaml"], init.Out.Trim());
        Assert.Contains("ldc study run mine/study.yaml", init.Err, StringComparison.Ordinal);
        Assert.Equal("mine", validate.Json.GetProperty("name").GetString());
        Assert.Equal("llama", validate.Json.GetProperty("models")[0].GetProperty("family").GetString());
        Assert.All(validate.Json.GetProperty("domains").EnumerateArray(), d =>
            Assert.InRange(d.GetProperty("held_out_records").GetInt32(), 1, d.GetProperty("records").GetInt32() - 1));
    }

    [Theory]
    [InlineData("all, full-all", "LoRA r = 8, alpha = 16 and projections in full; 2 epochs")]
    [InlineData("full-mlp", "\nprojections in full; 2 epochs")]
    public async Task LoRA_is_named_only_where_runs_train_by_it(string regimes, string says)
    {
        using var folder = new Folder();
        var init = await Ldc.RunIn(folder.Path, new Dictionary<string, string>(), "study", "init", "mine");
        var spec = folder["mine/study.yaml"];
        File.WriteAllText(spec, File.ReadAllText(spec).Replace("[attention, mlp, all]", $"[{regimes}]", StringComparison.Ordinal)
            .Replace("groups: [mlp, attention]", "groups: []", StringComparison.Ordinal));

        var validate = await Ldc.RunIn(folder.Path, new Dictionary<string, string>(), "study", "validate", spec);

        Assert.Equal((0, 0), (init.Code, validate.Code));
        Assert.Contains(says, validate.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spec_that_is_there_is_left_alone()
    {
        using var folder = new Folder();
        var spec = folder.Write("study.yaml", "mine");

        var init = await Ldc.Run("study", "init", folder.Path);

        Assert.Equal(2, init.Code);
        Assert.Contains("exists and is left as it is", init.Err, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(spec));
    }

    [Theory]
    [InlineData("\"num_hidden_layers\": 8", "\"num_hidden_layers\": 9", "has no tensor model.layers.8.")]
    [InlineData("\"vocab_size\": 2048", "\"vocab_size\": 4096", "the shape [2048, 128]; the configuration wants [4096, 128]")]
    public async Task Weights_that_do_not_fit_their_configuration_are_found_before_anything_is_trained(
        string asItIs, string changed, string message)
    {
        using var folder = new Folder();
        await Ldc.Run("study", "init", folder.Path);
        var config = folder["models/tiny-llama/config.json"];
        var before = File.ReadAllText(config);
        File.WriteAllText(config, before.Replace(asItIs, changed, StringComparison.Ordinal));
        Assert.NotEqual(before, File.ReadAllText(config));

        var validate = await Ldc.Run("study", "validate", folder["study.yaml"]);

        Assert.Equal(2, validate.Code);
        Assert.Contains(message, validate.Err, StringComparison.Ordinal);
        Assert.Empty(validate.Out);
    }

    [Fact]
    public async Task The_id_depends_on_the_inputs_and_not_on_name_paths_or_comments()
    {
        using var folder = new Folder();
        await Ldc.Run("study", "init", folder["a"]);
        await Ldc.Run("study", "init", folder["b"]);
        var spec = folder["b/study.yaml"];
        File.WriteAllText(spec, "# another comment\n" + File.ReadAllText(spec));

        var ids = new List<string?>();
        foreach (var study in (string[])["a", "b"])
            ids.Add((await Ldc.Run("study", "validate", folder[$"{study}/study.yaml"], "--json")).Json.GetProperty("study_id").GetString());
        File.AppendAllText(folder["b/domains/math.jsonl"], "{\"text\": \"one more\"}\n");
        ids.Add((await Ldc.Run("study", "validate", spec, "--json")).Json.GetProperty("study_id").GetString());

        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[1], ids[2]);
    }
}
