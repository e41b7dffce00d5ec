using LdcLedger.Cli.Tests;
using LdcLedger.Domain.Specs;
using LdcLedger.Specs.Resolution;
using LdcLedger.Torch;
using Xunit;

namespace LdcLedger.Specs.Tests;

public sealed class CorpusReadingTests : IDisposable
{
    private static readonly DataSpec Half = DataSpec.Default with { HeldOut = 0.5 };

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    private CorpusReading Read(string path, DataSpec data, string format = "auto", DomainFields? fields = null) =>
        CorpusReading.Of(new("d", _folder[path], format, fields), data, [], TestContext.Current.CancellationToken);

    private static string Lines(int good, int bad) =>
        string.Concat(Enumerable.Range(0, good).Select(i => $"{{\"text\": \"record {i}\"}}\n"))
        + string.Concat(Enumerable.Repeat("{\"text\": 3}\n", bad));

    [Fact]
    public void Skipped_records_are_counted_in_what_the_ledger_keeps()
    {
        _folder.Write("a.jsonl", Lines(40, 25));

        var reading = Read("a.jsonl", Half with { OnBadRecord = "skip" });

        Assert.Equal((40, 25), (reading.Resolved.Records, reading.Resolved.SkippedRecords));
        Assert.Contains("25 records of", reading.BadSentence, StringComparison.Ordinal);
        Assert.StartsWith("25 records of", Assert.Throws<InvalidInputException>(() => Read("a.jsonl", Half)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_has_the_bytes_and_the_hash_of_the_corpus_it_leads_to()
    {
        _folder.Write("far/a.jsonl", Lines(40, 0));
        File.CreateSymbolicLink(_folder["a.jsonl"], "far/a.jsonl");

        var (there, here) = (Read("far/a.jsonl", Half).Resolved, Read("a.jsonl", Half).Resolved);

        Assert.Equal(there with { Path = here.Path }, here);
        Assert.Equal(Lines(40, 0).Length, here.Bytes);
    }

    [Fact]
    public void What_is_passed_over_is_told_also_with_a_refusal()
    {
        _folder.Write("src/a.py", "x = 1\n");
        _folder.Write("src/yarn.lock", "x");
        File.CreateSymbolicLink(_folder["src/loop"], "..");

        var refusal = Assert.Throws<InvalidInputException>(() => Read("src", DataSpec.Default with { HeldOut = 1e-9 })).Message;

        Assert.EndsWith("Passed over were links to folders: 1 (loop), lock files: 1 (yarn.lock).", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_of_the_spec_go_into_what_a_worker_reads_with()
    {
        _folder.Write("a.jsonl", Lines(40, 0).Replace("text", "body", StringComparison.Ordinal));

        Assert.Equal(new DomainFields(Text: "body"), Read("a.jsonl", Half, fields: new(Text: "body")).Resolved.Fields);
        Assert.StartsWith("40 records of", Assert.Throws<InvalidInputException>(() => Read("a.jsonl", Half)).Message,
            StringComparison.Ordinal);
    }
}
