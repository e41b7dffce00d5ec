using LdcLedger.Domain.Tests;
using LdcLedger.Domain.Specs;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using Xunit;

namespace LdcLedger.Reports.Tests;

public class SpecTextTests
{
    [Fact]
    public void The_spec_reads_as_its_user_would_write_it()
    {
        var facts = new SampleStudy { Models = [("tiny-llama", "llama", 8)], Domains = ["cpp", "c#: 1"], Seeds = [1, 2] }.Facts();
        var spec = facts.Study.Spec with { Training = TrainingSpec.Default, Data = DataSpec.Default with { MaxTokens = 4096 } };
        facts = facts with { Study = facts.Study with { Spec = spec } };
        var text = StudyReport.Build(facts).Blocks.OfType<Verbatim>().Last().Text;
        Assert.Equal(
            """
            name: demo
            models:
              - { name: tiny-llama, path: models/tiny-llama }
            domains:
              - { name: cpp, path: domains/cpp.jsonl, format: auto }
              - { name: "c#: 1", path: "domains/c#: 1.jsonl", format: auto }
            seeds: [1, 2]
            regimes: [attention, mlp, all]
            lora: { rank: 8, alpha: 16.0, dropout: 0.0 }
            data: { length: 256, template: "{prompt}\n\n{response}", loss_on: response, held_out: 0.2, max_tokens: 4096 }
            training:
              { epochs: 2, batch: 4, accumulation: 1, learning_rate: 2.0e-4, schedule: cosine, warmup: 0.1,
                weight_decay: 0.01, max_grad_norm: 1.0, dtype: float32 }
            evaluation: { length: 256, stride: 128 }
            stage2: { rule: block-sum, top: [1, 3], groups: [mlp, attention] }

            """,
            text);
    }

    [Fact]
    public void Later_keys_stand_in_it_where_they_are_used()
    {
        var facts = new SampleStudy { Models = [("tiny-llama", "llama", 8)], Domains = ["cpp", "math"] }.Facts();
        var spec = facts.Study.Spec;
        spec = spec with
        {
            Data = spec.Data with { OnBadRecord = "skip" },
            Training = spec.Training with { Base = "nf4-double" },
            Domains = [spec.Domains[0] with { Fields = new("question", "best answer") },
                spec.Domains[1] with { Fields = new(Text: "body") }],
        };
        facts = facts with { Study = facts.Study with { Spec = spec } };
        var text = StudyReport.Build(facts).Blocks.OfType<Verbatim>().Last().Text;

        Assert.Contains(", max_tokens: null, on_bad_record: skip }", text, StringComparison.Ordinal);
        Assert.Contains("dtype: float32, base: nf4-double }", text, StringComparison.Ordinal);
        Assert.Contains("format: auto, fields: { prompt: question, response: \"best answer\" } }", text, StringComparison.Ordinal);
        Assert.Contains("format: auto, fields: { text: body } }", text, StringComparison.Ordinal);
    }
}
