using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Packing;
using LdcLedger.Torch.Tests.Corpora;
using LdcLedger.Torch.Tests.Tokenizers;
using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Packing;

public sealed class DomainDataTests : IDisposable
{
    private static readonly Tokenizer LlamaTokenizer = Tokenizer.Load(RepositoryFiles.Golden("tokenizers", "llama3-style"));
    private static readonly string[] Lines =
        File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "infra", "demo", "domains", "cpp.jsonl"));
    private static readonly DomainDataOptions Demo = new(LossOn: LossOn.All, MaxTokens: 16384);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DomainData Prepare(IEnumerable<string> lines, DomainDataOptions? options = null) =>
        DomainData.Prepare(_folder.File("a.jsonl", string.Join('\n', lines)), CorpusFormat.Auto, LlamaTokenizer, options ?? Demo);

    private string Refusal(IEnumerable<string> lines, DomainDataOptions options) =>
        Assert.Throws<InvalidInputException>(() => Prepare(lines, options)).Message;

    [Fact]
    public void The_demo_reads_64_rows_an_epoch_of_all_there_are_with_a_few_per_cent_empty()
    {
        var data = Prepare(Lines);

        Assert.Equal(64, data.RowsPerEpoch);
        Assert.InRange(data.Training.Rows, 65, 200);
        Assert.Equal(data.Counts.Tokens, data.RowTokens.Sum());
        Assert.Equal(data.Training.Rows, Prepare(Lines, Demo with { MaxTokens = null }).RowsPerEpoch);
        Assert.InRange(data.Counts.PaddingShare, 0, 0.1);
        Assert.Equal(Lines.Length, data.Counts.Records);
        Assert.InRange(data.Counts.HeldOutRecords, Lines.Length / 8, Lines.Length / 3);
        Assert.Equal(data.Counts.ScoredTokens, data.Training.Labels.Count(label => label != PackedRows.NotScored));
        Assert.Equal(data.Counts.HeldOutScoredTokens, data.HeldOut.Labels.Count(label => label != PackedRows.NotScored));
        Assert.InRange(data.HeldOutBytes, data.Counts.HeldOutScoredTokens, 6 * data.Counts.HeldOutScoredTokens);
    }

    [Fact]
    public void The_order_of_the_corpus_changes_nothing()
    {
        var data = Prepare(Lines);
        var shuffled = Prepare(Lines.OrderBy(line => line.Length));

        Assert.Equal(data.RowsHash, shuffled.RowsHash);
        Assert.NotEqual(data.CorpusHash, shuffled.CorpusHash);
    }

    [Fact]
    public void Additions_leave_every_record_on_its_side()
    {
        var few = Prepare(Lines[..100]).Counts;
        var heldOut = Lines[..100].Count(line => IsHeldOut(line));

        Assert.Equal(heldOut, few.HeldOutRecords);
        Assert.Equal(heldOut + Lines[100..].Count(line => IsHeldOut(line)), Prepare(Lines).Counts.HeldOutRecords);

        bool IsHeldOut(string line) => Corpus.Open(_folder.File("one.jsonl", line)).Records().Single().IsHeldOut(0.2);
    }

    [Fact]
    public void Loss_on_responses_scores_less_in_training_and_evaluation_alike()
    {
        var all = Prepare(Lines, Demo with { MaxTokens = null }).Counts;
        var responses = Prepare(Lines, Demo with { MaxTokens = null, LossOn = LossOn.Response }).Counts;

        Assert.InRange(responses.ScoredTokens, all.ScoredTokens / 2, all.ScoredTokens * 95 / 100);
        Assert.InRange(responses.HeldOutScoredTokens, all.HeldOutScoredTokens / 2, all.HeldOutScoredTokens * 95 / 100);
    }

    [Fact]
    public void Too_little_of_anything_is_said_before_training_starts()
    {
        Assert.Contains("is empty", Refusal([], Demo), StringComparison.Ordinal);
        Assert.Contains("none is held out", Refusal(Lines[..2], Demo with { HeldOut = 1e-9 }), StringComparison.Ordinal);
        Assert.Contains("all are held out", Refusal(Lines[..2], Demo with { HeldOut = 0.999999999 }), StringComparison.Ordinal);
        Assert.Contains("fewer than one window of 100000", Refusal(Lines[..20], Demo with { Length = 100_000, MaxTokens = null }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_out_of_range_is_named_with_what_is_allowed()
    {
        Assert.Contains("held_out is 1.5, but a share above 0 and below 1", Refusal(Lines, Demo with { HeldOut = 1.5 }),
            StringComparison.Ordinal);
        Assert.Contains("max_tokens is 100, but at least one row of 256", Refusal(Lines, Demo with { MaxTokens = 100 }),
            StringComparison.Ordinal);
        Assert.Contains("evaluation stride is 256, but 1 to 255", Refusal(Lines, Demo with { EvaluationStride = 256 }),
            StringComparison.Ordinal);
    }
}
