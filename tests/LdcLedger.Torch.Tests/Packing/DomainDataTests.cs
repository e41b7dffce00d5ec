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
        Assert.Equal(data.Counts.ScoredTokens, Scored(data.Training));
        Assert.Equal(data.Counts.HeldOutScoredTokens, Scored(data.HeldOut));
        Assert.InRange(data.HeldOutBytes, data.Counts.HeldOutScoredTokens, 6 * data.Counts.HeldOutScoredTokens);
    }

    private static int Scored(ITokenRows rows)
    {
        var (ids, labels, positions) = (new int[rows.Length], new int[rows.Length], new int[rows.Length]);
        return Enumerable.Range(0, rows.Rows).Sum(row =>
        {
            rows.Read(row, ids, labels, positions);
            return labels.Count(label => label != PackedRows.NotScored);
        });
    }

    [Fact]
    public void The_order_of_the_corpus_changes_nothing()
    {
        var data = Prepare(Lines);
        var shuffled = Prepare(Lines.OrderBy(line => line.Length));

        Assert.Equal(data.RowsHash, shuffled.RowsHash);
        Assert.NotEqual(data.CorpusHash, shuffled.CorpusHash);
    }

    /// <summary>Written down when everything was still in memory: ids, order, packing, split and labels of six corpora.</summary>
    [Theory]
    [InlineData("llama3-style", "cpp", LossOn.Response, 17046, "dab16af2634c49b2f5b7f85bdb020b47bf58b20a5f9bfce656cd0497a7ff85a7")]
    [InlineData("llama3-style", "python", LossOn.All, 18634, "ab9acfc2b9b91bcc10bf46e912475e4c935e1ac622837bc36b23ac8021fc723d")]
    [InlineData("llama3-style", "medical", LossOn.Response, 15672, "0975dd6d1bab79aa240622c3f00b73897778afeb4022c3b3c1851df972d482e2")]
    [InlineData("gemma3-style", "cpp", LossOn.All, 19503, "7b21a5167c8cc5569703b4a13d9524cb864c913bfcefce1f1404284fc3efa35a")]
    [InlineData("gemma3-style", "python", LossOn.Response, 15757, "15819c02840b3080dc0811e1b7b629c261e9eaf4f01b39d80f4c11f661686d0c")]
    [InlineData("gemma3-style", "medical", LossOn.All, 18291, "b4b3de2c2ec06d8ffb538cf21556f3117ec3f1271e1e7c3f59350714f868a00d")]
    public void The_rows_of_a_corpus_are_what_they_always_were(string tokenizer, string domain, LossOn lossOn, long bytes, string sha256)
    {
        using var data = DomainData.Prepare(Path.Combine(RepositoryFiles.Root, "infra", "demo", "domains", $"{domain}.jsonl"),
            CorpusFormat.Auto, Tokenizer.Load(RepositoryFiles.Golden("tokenizers", tokenizer)), new(LossOn: lossOn));

        Assert.Equal((bytes, sha256), (data.HeldOutBytes, data.RowsHash));
    }

    [Fact]
    public void Ids_in_a_file_make_the_rows_that_ids_in_memory_make()
    {
        var options = Demo with { LossOn = LossOn.Response };
        using var inMemory = Prepare(Lines, options);
        using var inFile = Prepare(Lines, options with { TokensInMemory = 1000 });

        Assert.Equal(inMemory.RowsHash, inFile.RowsHash);
        Assert.Equal(inMemory.RowTokens, inFile.RowTokens);
    }

    [Fact]
    public void Bad_records_are_counted_to_the_end_or_skipped()
    {
        string[] lines = [.. Lines[..20], "{\"text\": 3}", .. Lines[20..60], "not JSON", .. Enumerable.Repeat("{\"id\": 1}", 13)];

        var refusal = Refusal(lines, Demo);
        Assert.StartsWith($"15 records of {Path.Combine(_folder.Path, "a.jsonl")} cannot be used: "
            + "line 21: \"text\" is a number, but a text is needed; line 62: the line is not valid JSON (at byte 2); "
            + "line 63, line 64, line 65, line 66, line 67, line 68, line 69, line 70: the record has \"id\", but ", refusal,
            StringComparison.Ordinal);
        Assert.EndsWith("; and 5 more. data.on_bad_record: skip leaves them out.", refusal, StringComparison.Ordinal);

        using var skipped = Prepare(lines, Demo with { OnBadRecord = OnBadRecord.Skip });
        using var without = Prepare(Lines[..60]);
        Assert.Equal(without.RowsHash, skipped.RowsHash);
        Assert.Equal(15, skipped.Counts.SkippedRecords);
        Assert.Contains("is empty: it has no record with text; 1 that cannot be used was left out",
            Refusal(["3"], Demo with { OnBadRecord = OnBadRecord.Skip }), StringComparison.Ordinal);
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
