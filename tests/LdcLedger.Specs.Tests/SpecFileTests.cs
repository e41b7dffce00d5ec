using LdcLedger.Cli.Tests;
using LdcLedger.Domain.Specs;
using Xunit;

namespace LdcLedger.Specs.Tests;

public sealed class SpecFileTests
{
    private const string Minimal = """
        models: [{ name: m, path: models/m }]
        domains: [{ name: d, path: d.jsonl }]
        """;

    [Fact]
    public void Everything_but_models_and_domains_has_a_default()
    {
        var spec = Read(Minimal, out var folder);

        Assert.Equal("study", spec.Name);
        Assert.Equal([1], spec.Seeds);
        Assert.Equal(["attention", "mlp", "all"], spec.Regimes);
        Assert.Equal(new LoraSpec(16, 32, 0), spec.Lora);
        Assert.Equal(new DataSpec(256, "{prompt}\n\n{response}", "response", 0.2, null), spec.Data);
        Assert.Equal(new TrainingSpec(2, 4, 1, 2e-4, "cosine", 0.1, 0.01, 1.0, "float32"), spec.Training);
        Assert.Equal(new EvaluationSpec(256, 128), spec.Evaluation);
        Assert.Equal("block-sum", spec.Stage2.Rule);
        Assert.Equal([1, 3], spec.Stage2.Top);
        Assert.Equal(["mlp", "attention"], spec.Stage2.Groups);
        Assert.Equal("auto", spec.Domains[0].Format);
        Assert.Equal(Path.Combine(folder, "models", "m"), spec.Models[0].Path);
    }

    [Theory]
    [InlineData("数学と科学")]
    [InlineData("한국어-의료")]
    [InlineData("رياضيات")]
    [InlineData("हिन्दी_चिकित्सा")]
    [InlineData("naïve")]
    [InlineData("nai\u0308ve")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public void A_name_may_be_of_any_script_and_of_80_characters(string name)
    {
        var spec = Read($"name: {name}\nmodels: [{{ name: {name}, path: m }}]\ndomains: [{{ name: {name}, path: d }}]", out _);
        Assert.Equal((name, name, name), (spec.Name, spec.Models[0].Name, spec.Domains[0].Name));
    }

    public static TheoryData<string> LongInBytes => [string.Concat(Enumerable.Repeat("\U00020000", 61))];

    [Theory]
    [InlineData("012345678901234567890123456789012345678901234567890123456789012345678901234567891")]
    [MemberData(nameof(LongInBytes))]
    public void A_name_that_a_file_system_would_not_take_is_refused(string name) =>
        Assert.Contains(Refused($"{Minimal}\nname: {name}"), finding => finding.Message ==
            $"name: '{name}' is too long to be part of a file name; allowed are at most 80 characters and 240 bytes in UTF-8");

    [Fact]
    public void Every_key_is_read()
    {
        var spec = Read("""
            name: my-study
            models: [{ name: a, path: /models/a }, { name: b, path: ../b }]
            domains:
              - { name: x, path: x.parquet, format: parquet, fields: { prompt: question, response: answer.text } }
              - name: y
                path: y
                format: code
            seeds: [3, 1, 2]
            regimes: [all]
            lora: { rank: 4, alpha: 8.5, dropout: 0.05 }
            data: { length: 128, template: chat, loss_on: all, held_out: 0.25, max_tokens: 4096, on_bad_record: skip }
            training:
              { epochs: 3, batch: 2, accumulation: 4, learning_rate: 1.0e-3, schedule: linear, warmup: 0,
                weight_decay: 0, max_grad_norm: 0.5, dtype: bfloat16, base: nf4-double }
            evaluation: { length: 64, stride: 63 }
            stage2: { rule: component-frobenius, top: [2], groups: [attention] }
            """, out var folder);

        Assert.Equal("my-study", spec.Name);
        Assert.Equal("/models/a", spec.Models[0].Path);
        Assert.Equal(Path.GetFullPath(Path.Combine(folder, "..", "b")), spec.Models[1].Path);
        Assert.Equal(new DomainSpec("x", Path.Combine(folder, "x.parquet"), "parquet", new DomainFields("question", "answer.text")),
            spec.Domains[0]);
        Assert.Equal("code", spec.Domains[1].Format);
        Assert.Equal([3, 1, 2], spec.Seeds);
        Assert.Equal(["all"], spec.Regimes);
        Assert.Equal(new LoraSpec(4, 8.5, 0.05), spec.Lora);
        Assert.Equal(new DataSpec(128, "chat", "all", 0.25, 4096, "skip"), spec.Data);
        Assert.Equal(new TrainingSpec(3, 2, 4, 1e-3, "linear", 0, 0, 0.5, "bfloat16", "nf4-double"), spec.Training);
        Assert.Equal(new EvaluationSpec(64, 63), spec.Evaluation);
        Assert.Equal("component-frobenius", spec.Stage2.Rule);
        Assert.Equal([2], spec.Stage2.Top);
        Assert.Equal(["attention"], spec.Stage2.Groups);
    }

    [Theory]
    [InlineData("trainng: { epochs: 1 }", 3, 1, "unknown key 'trainng'; did you mean 'training'?")]
    [InlineData("training: { lr: 1, epoch: 2 }", 3, 20, "unknown key 'epoch' in training; did you mean 'epochs'?")]
    [InlineData("lora: { Rank: 4 }", 3, 9, "unknown key 'Rank' in lora; did you mean 'rank'?")]
    [InlineData("lora: { rank: four }", 3, 15, "lora.rank must be a whole number, not 'four'")]
    [InlineData("lora: { rank: 4.5 }", 3, 15, "lora.rank must be a whole number, not '4.5'")]
    [InlineData("lora: { rank: '4' }", 3, 15,
        "lora.rank must be a whole number, not the text '4' (write it without quotes if it is a number)")]
    [InlineData("lora: { rank: 0 }", 3, 15, "lora.rank is 0; allowed is 1 to 65536")]
    [InlineData("lora: { alpha: -1 }", 3, 16, "lora.alpha is -1; allowed is above 0")]
    [InlineData("lora: { alpha: .nan }", 3, 16, "lora.alpha must be a number, not '.nan'")]
    [InlineData("lora: { dropout: 1 }", 3, 18, "lora.dropout is 1; allowed is 0 up to but not including 1")]
    [InlineData("lora: 16", 3, 7, "lora must be a mapping of rank, alpha, dropout, not '16'")]
    [InlineData("seeds: 1", 3, 8, "seeds must be a list of whole numbers, not '1'")]
    [InlineData("seeds: [1, 2, 1]", 3, 15, "seeds: 1 appears twice")]
    [InlineData("seeds: []", 3, 8, "seeds is empty; at least one is needed")]
    [InlineData("seeds: [-1]", 3, 9, "seeds is -1; allowed is 0 or more")]
    [InlineData("regimes: [all, atention]", 3, 16,
        "regimes: 'atention' is unknown; allowed are attention, mlp, all, full-attention, full-mlp, full-all")]
    [InlineData("regimes: [mlp]", 3, 10,
        "regimes has no 'all'; stage 2 ranks layers by those runs. Add it, or turn stage 2 off with stage2: { groups: [] }")]
    [InlineData("data: { held_out: 0 }", 3, 19, "data.held_out is 0; allowed is above 0 and below 1")]
    [InlineData("data: { length: 512, max_tokens: 300 }", 3, 34,
        "data.max_tokens is 300, less than one row of data.length = 512 tokens; allowed is 512 or more, or null for all")]
    [InlineData("data: { template: '{prompt}' }", 3, 19,
        "data.template is '{prompt}', which has no {response}; allowed is a text with {response} once and {prompt} at most once, or chat")]
    [InlineData("data: { template: '{prompt} {input} {response}' }", 3, 19,
        "data.template is '{prompt} {input} {response}', which has the placeholder {input}, where {prompt} and {response} are known; "
            + "allowed is a text with {response} once and {prompt} at most once, or chat")]
    [InlineData("data: { template: '{Prompt}: {response}' }", 3, 19,
        "data.template is '{Prompt}: {response}', which has the placeholder {Prompt}, where {prompt} and {response} are known; "
            + "allowed is a text with {response} once and {prompt} at most once, or chat")]
    [InlineData("data: { template: '{response}{response}' }", 3, 19,
        "data.template is '{response}{response}', which has {response} more than once; "
            + "allowed is a text with {response} once and {prompt} at most once, or chat")]
    [InlineData("data: { on_bad_record: drop }", 3, 24, "data.on_bad_record: 'drop' is unknown; allowed are refuse, skip")]
    [InlineData("data: { loss_on: prompt }", 3, 18, "data.loss_on: 'prompt' is unknown; allowed are response, all")]
    [InlineData("training: { schedule: step }", 3, 23, "training.schedule: 'step' is unknown; allowed are linear, cosine")]
    [InlineData("training: { dtype: float16 }", 3, 20, "training.dtype: 'float16' is unknown; allowed are float32, bfloat16")]
    [InlineData("training: { base: fp4 }", 3, 19, "training.base: 'fp4' is unknown; allowed are as-is, nf4, nf4-double")]
    [InlineData("training: { learning_rate: 1.0e999 }", 3, 28, "training.learning_rate must be a number, not '1.0e999'")]
    [InlineData("evaluation: { length: 64, stride: 64 }", 3, 35,
        "evaluation.stride is 64; allowed is 1 to 63, below evaluation.length, or the first token of a window would go unscored")]
    [InlineData("stage2: { rule: block-sums }", 3, 17,
        "stage2.rule: 'block-sums' is unknown; allowed are block-sum, block-relative-mean, component-frobenius, "
            + "and with its version, such as mine@2, a rule of the ledger")]
    [InlineData("stage2: { top: [0] }", 3, 17, "stage2.top is 0; allowed is 1 or more")]
    [InlineData("stage2: { groups: [all] }", 3, 20, "stage2.groups: 'all' is unknown; allowed are mlp, attention")]
    [InlineData("name: a/b", 3, 7, "name: 'a/b' cannot be part of a file name; allowed are letters and digits of any script, '.', '-' "
        + "and '_', beginning with a letter or digit")]
    [InlineData("name: -数", 3, 7, "name: '-数' cannot be part of a file name; allowed are letters and digits of any script, '.', '-' "
        + "and '_', beginning with a letter or digit")]
    [InlineData("seeds: [1]\nseeds: [2]", 4, 1, "key 'seeds' appears twice; the first is at line 3")]
    [InlineData("seeds: *x", 3, 8, "the alias *x is not allowed in a study spec; write the value out")]
    [InlineData("seeds: !!set [1]", 3, 8, "the tag tag:yaml.org,2002:set is not allowed in a study spec; write the plain value")]
    public void A_wrong_value_is_named_at_its_place(string addition, int line, int column, string message)
    {
        var findings = Refused(Minimal + "\n" + addition);

        Assert.Contains(new SpecFinding(line, column, message), findings);
    }

    [Theory]
    [InlineData("domains: [{ name: d, path: d }]", 1, "the spec has no models; at least one is needed")]
    [InlineData("models: []\ndomains: [{ name: d, path: d }]", 1, "models is empty; at least one is needed")]
    [InlineData("models: [{ path: m }]\ndomains: [{ name: d, path: d }]", 1, "models[0] has no name")]
    [InlineData("models: [{ name: m }]\ndomains: [{ name: d, path: d }]", 1, "models[0] has no path")]
    [InlineData("models: m\ndomains: [{ name: d, path: d }]", 1, "models must be a list, one mapping of name and path each, not 'm'")]
    [InlineData("models: [{ name: m, path: m }, { name: M, path: n }]\ndomains: [{ name: d, path: d }]", 1,
        "models[1].name: 'M' appears twice; names must differ by more than case")]
    [InlineData("models: [{ name: m, path: m }]\ndomains: [{ name: d, path: d, fields: { prompt: question } }]", 2,
        "domains[0].fields must name the fields of prompt and response, or that of text alone")]
    [InlineData("models: [{ name: m, path: m }]\ndomains: [{ name: d, path: d, fields: { prompt: a, response: b, text: c } }]", 2,
        "domains[0].fields must name the fields of prompt and response, or that of text alone")]
    [InlineData("models: [{ name: m, path: m }]\ndomains: [{ name: d, path: d, fields: { rsponse: b } }]", 2,
        "unknown key 'rsponse' in domains[0].fields; did you mean 'response'?")]
    [InlineData("models: [{ name: m, path: m }]\ndomains: [{ name: d, path: d, format: csv }]", 2,
        "domains[0].format: 'csv' is unknown; allowed are auto, jsonl, parquet, text, code")]
    [InlineData("- a\n- b", 1,
        "a study spec must be a mapping of name, models, domains, seeds, regimes, lora, data, training, evaluation, stage2, not a list")]
    public void A_spec_that_lacks_something_says_what(string text, int line, string message)
    {
        var findings = Refused(text);

        Assert.Contains(findings, f => f.Line == line && f.Message == message);
    }

    [Theory]
    [InlineData("models: [\n  { name: a, path: b }\ndomains: x", 3)]
    [InlineData("models:\n\t- a", 2)]
    [InlineData("name: \"unclosed", 1)]
    public void Malformed_YAML_has_a_line_and_a_column(string text, int line)
    {
        var finding = Assert.Single(Refused(text));

        Assert.Equal(line, finding.Line);
        Assert.True(finding.Column > 0);
        Assert.StartsWith("malformed YAML: ", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_wrong_is_found_in_one_go()
    {
        var findings = Refused(Minimal + "\nlora: { rank: 0 }\ntraining: { epochs: 0, bach: 4 }");

        Assert.Equal([3, 4, 4], findings.Select(f => f.Line));
    }

    [Fact]
    public void Deep_nesting_is_refused_before_it_can_exhaust_the_stack()
    {
        var findings = Refused(Minimal + "\nseeds: " + new string('[', 100_000));

        Assert.Contains("nested", Assert.Single(findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_file_is_refused_unread()
    {
        var finding = Assert.Single(Refused(Minimal + "\n#" + new string('x', SpecTree.MaxBytes)));

        Assert.Contains("a study spec has at most 1048576", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var refused = Assert.Throws<InvalidSpecException>(() => SpecFile.Read("/nowhere/study.yaml"));

        Assert.Equal("/nowhere/study.yaml: there is no such file; `ldc study init DIR` writes a spec to begin with", refused.Message);
    }

    [Fact]
    public void Stage_2_can_be_turned_off()
    {
        var spec = Read(Minimal + "\nregimes: [mlp]\nstage2: { groups: [] }", out _);

        Assert.Empty(spec.Stage2.Groups);
    }

    private static StudySpec Read(string text, out string path)
    {
        using var folder = new Folder();
        path = folder.Path;
        return SpecFile.Read(folder.Write("study.yaml", text)).Spec;
    }

    private static IReadOnlyList<SpecFinding> Refused(string text)
    {
        using var folder = new Folder();
        return Assert.Throws<InvalidSpecException>(() => SpecFile.Read(folder.Write("study.yaml", text))).Findings;
    }
}
