using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using LdcLedger.Domain;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Exchange;
using Xunit;

namespace LdcLedger.Ledger.Tests.Exchange;

/// <summary>What can be told of a file of studies without a ledger: what is read, and what is refused with its line and field.</summary>
[Trait("Needs", "nothing")]
public sealed class StudyFileTests
{
    /// <summary>A small study as somebody would write it; infra/study-files.md shows it.</summary>
    internal static readonly string ByHand = FindByHand();

    private static readonly string[] Lines = StudyText.Lines(StudyText.Whole("a file"));

    // By line number: 1 is the first line of the part, 2 the study, 3 to 6 its runs, 7 the baseline's claim, 8 its perplexity, ...
    private static string Line(int number) => Lines[number - 1];

    [Fact]
    public async Task What_was_exported_is_read_whole_and_its_root_is_that_of_the_first_line()
    {
        var facts = new List<ReadFact>();
        var part = Assert.Single(await ReadAsync(StudyText.File(Lines), facts: facts));
        Assert.Equal((Lines.Length - 1, "a file", false), (part.Position, part.Name, part.IsChainOurs));
        Assert.Contains(part.Root, Line(1), StringComparison.Ordinal);
        Assert.Equal(Lines.Length - 1, facts.Count);
    }

    [Theory]
    [InlineData("\r\n", false)]
    [InlineData("\n", true)]
    [InlineData("\n\n", false)]
    public async Task Line_ends_of_other_systems_a_byte_order_mark_and_empty_lines_change_nothing(string end, bool mark)
    {
        var text = (mark ? "\uFEFF" : "") + string.Join(end, Lines);
        Assert.Equal(
            Assert.Single(await ReadAsync(StudyText.File(Lines))),
            Assert.Single(await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)))));
    }

    [Fact]
    public async Task Times_may_go_backwards_and_are_kept_and_counted()
    {
        var facts = StudyText.Whole("clock");
        var lines = StudyText.Lines(facts, i => StudyText.Begin.AddSeconds(i == 3 ? -86_400 : i == 5 ? 86_400 * 365 : i));
        var part = Assert.Single(await ReadAsync(StudyText.File(lines)));
        Assert.Equal(2, part.Backward);
    }

    public static TheoryData<string> Faults => [.. FaultCases.Keys];

    private static readonly Dictionary<string, (Func<IEnumerable<string>> File, string Says)> FaultCases = new()
    {
        ["an empty file"] = (() => [], "file: it holds no study: it has no line."),
        ["a file of something else"] = (() => ["name,value", "a,1"], "line 1: it is no JSON from byte 2 on"),
        ["a list"] = (() => ["[1, 2]"], "line 1: it is no JSON object"),
        ["no first line"] = (() => Lines.Skip(1), "line 1: the file begins with no first line"),
        ["another format"] = (() => Edited(1, "ldcledger/1", "ldcledger/2"),
            "line 1: format is 'ldcledger/2'; this version of ldc reads ldcledger/1."),
        ["a first line alone"] = (() => Lines.Take(1), "has no event after its first line: the file is not whole."),
        ["a first line without a root"] = (() => [Line(1)[..Line(1).IndexOf(",\"root", StringComparison.Ordinal)] + "}", .. Lines.Skip(1)],
            "line 1: the first line of a study's part needs study, events and root."),
        ["cut after a line"] = (() => Lines.SkipLast(1), $"ends after {Lines.Length - 2} of the {Lines.Length - 1} events"),
        ["cut in a line"] = (() => [.. Lines.SkipLast(1), Lines[^1][..^40]],
            $"line {Lines.Length}: it ends in the middle of its JSON; the file may be truncated."),
        ["cut after a half"] = (() => [Line(1), Line(2)[..9]], "line 2: it ends in the middle of its JSON"),
        ["a line too many"] = (() => [.. Lines, Lines[^1]],
            $"line {Lines.Length + 1}: the first line of the part promises {Lines.Length - 1} events"),
        ["a line twice"] = (() => [.. Lines.Take(5), Line(5), .. Lines.Skip(5)], "line 6: this run_planned is in the file a second time"),
        ["a line missing"] = (() => Without(8), "line 8: version is 4; the next of stream"),
        ["the last line of a stream missing"] = (() => [Line(1).Replace($"\"events\":{Lines.Length - 1}", $"\"events\":{Lines.Length - 2}",
            StringComparison.Ordinal), .. Lines.Skip(1).SkipLast(1)], "an event was added, taken away or moved."),
        ["lines of two streams exchanged"] = (() => Swapped(3, 4), "an event was added, taken away or moved."),
        ["lines of one stream exchanged"] = (() => Swapped(7, 8), "line 7: version is 3; the next of stream"),
        ["an edited number"] = (() => Edited(8, "\"scoredTokens\":9214", "\"scoredTokens\":9215"), "line 8: chain is "),
        ["an edited time"] = (() => Edited(8, "T15:30:0", "T15:31:0"), "line 8: chain is "),
        ["an edited cause"] = (() => Edited(8, "\"causation\":\"" + Cause, "\"causation\":\"" + IdOf(7)), "line 8: chain is "),
        ["an edited hash"] = (() => Edited(8, "\"chain\":\"", "\"chain\":\"00").Select((l, i) => i == 7 ? l[..^4] + "\"}" : l),
            "line 8: chain is "),
        ["a cause that comes later"] = (() => Edited(8, Cause, IdOf(9)), "line 8: causation is"),
        ["a cause that is itself"] = (() => Edited(8, Cause, IdOf(8)), "line 8: the event has itself as its cause."),
        ["a cause of another study"] = (() => Edited(8, Cause, "00000000-0000-0000-0000-000000000001"),
            "line 8: causation is 00000000-0000-0000-0000-000000000001, which is no event before this one in its study"),
        ["an event of another study"] = (() => [.. Lines.Take(4), StudyText.Lines(StudyText.Whole("another"))[2], .. Lines.Skip(4)],
            "line 5: data.studyId is"),
        ["a run's event in another stream"] = (() => Edited(8, StreamOf(8), StreamOf(4), once: true), "line 8: stream is"),
        ["a wrong id"] = (() => Edited(8, $"\"id\":\"{IdOf(8)}", "\"id\":\"00000000-0000-0000-0000-000000000001"),
            "line 8: id is 00000000-0000-0000-0000-000000000001; this fact's id is"),
        ["an unknown kind of event"] = (() => Edited(8, "perplexity_evaluated", "perplexity_measured"),
            "line 8: type is 'perplexity_measured', which this version of ldc does not know; it knows study_submitted,"),
        ["a seal"] = (() => Edited(8, "perplexity_evaluated", "ledger_sealed"),
            "line 8: ledger_sealed belongs to the ledger that it was recorded in"),
        ["a note of an import"] = (() => Edited(8, "perplexity_evaluated", "study_imported"),
            "line 8: study_imported belongs to the ledger"),
        ["a version that is a text"] = (() => Edited(8, "\"version\":3", "\"version\":\"3\""),
            "line 8: version is \"3\"; it is a whole number."),
        ["a missing version"] = (() => Edited(8, "\"version\":3,", ""), "line 8: version is missing; a file that was written by hand"),
        ["a missing chain"] = (() => Edited(8, ",\"chain\":", ",\"hash\":"),
            "line 8: 'hash' is no field of a line; there are stream, version,"),
        ["a field twice"] = (() => Edited(8, "\"version\":3,", "\"version\":3,\"version\":3,"), "line 8: it is no JSON from byte"),
        ["a time without a zone"] = (() => Edited(8, "000Z\"", "000\""),
            "line 8: timestamp is '2026-11-25T15:30:06.000000'; it is a time with its zone"),
        ["a time of another spelling"] = (() => Edited(8, ".000000Z\"", "Z\""),
            "line 8: timestamp is '2026-11-25T15:30:06Z'; ldc writes 2026-11-25T15:30:06.000000Z."),
        ["a time before all ledgers"] = (() => Edited(8, "2026-11-25T15:30:06.000000Z", "1969-01-01T00:00:00.000000Z"),
            "line 8: timestamp is 1969-01-01T00:00:00.000000Z; times from 1970 on are allowed."),
        ["an id in capitals"] = (() => Edited(8, $"\"id\":\"{IdOf(8)}", $"\"id\":\"{IdOf(8).ToUpperInvariant()}"), "line 8: id is '"),
        ["a field that is missing"] = (() => Edited(8, "\"bytes\":36310,", ""), "line 8: data.bytes is missing; it is a whole number."),
        ["a field that nobody knows"] = (() => Edited(8, "\"bytes\":36310,", "\"byte\":36310,"),
            "line 8: data.byte is no field that this version of ldc knows; data has "),
        ["a number that is none"] = (() => Edited(8, "\"bytes\":36310,", "\"bytes\":\"many\","),
            "line 8: data.bytes is \"many\"; it is a whole number."),
        ["a part of a token"] = (() => Edited(8, "\"bytes\":36310,", "\"bytes\":36310.5,"),
            "line 8: data.bytes is 36310.5; it is a whole number."),
        ["a null"] = (() => Edited(8, "\"bytes\":36310,", "\"bytes\":null,"), "line 8: data.bytes is null; it is a whole number."),
        ["an inexact number"] = (() => Edited(8, "\"bytes\":36310,", "\"bytes\":9007199254740993,"),
            "line 8: data.bytes is 9007199254740993; whole numbers are exact up to 2^53"),
        ["a number beyond all"] = (() => Edited(8, "\"totalNats\":23456.5", "\"totalNats\":1e999"),
            "line 8: data.totalNats is 1e999, which is too large"),
        ["half a surrogate pair"] = (() => Edited(8, "\"role\":\"pretrained\"", "\"role\":\"\\ud800\""),
            "is not Unicode: it has half a surrogate pair."),
        ["a zero character"] = (() => Edited(8, "\"role\":\"pretrained\"", "\"role\":\"\\u0000\""),
            "line 8: a text has the character U+0000"),
        ["a run that was never planned"] = (() => Without(3), "line 6: run "),
        ["a measurement of another model"] = (() => Edited(8, "\"model\":\"model-1\"", "\"model\":\"model-2\""),
            "line 8: data.model is 'model-2'; the run was planned with 'model-1'."),
        ["another domain than the study's"] = (() => Edited(4, "\"domain\":\"domain-1\"", "\"domain\":\"domain-7\""),
            "line 4: data.domain is 'domain-7'; there are domain-1."),
        ["a tuning that is none"] = (() => Edited(4, "q_proj,k_proj", "k_proj,q_proj"), "line 4: data.tuning is"),
        ["an unknown measure"] = (() => Edited(2, "\"measure\":\"frobenius\"", "\"measure\":\"frobenious\""),
            "line 2: 'frobenious' is not a known measure"),
        ["a built-in rule that says otherwise"] = (() => Edited(2, "\"measure\":\"frobenius\"", "\"measure\":\"rms\""),
            "line 2: rule block-sum, version 1, is built in and says otherwise"),
        ["more layers than any model has"] = (() => Edited(2, "\"layers\":", "\"layers\":200000000"),
            "line 2: data.models: model-1 has 200000000"),
        ["a name that a terminal would obey"] = (() => Edited(2, "\"name\":\"a file\"", "\"name\":\"a\\u001b[2Jfile\""),
            "line 2: data.name has the name 'a[2Jfile', and control characters in it, which no name has."),
        ["a study without a name"] = (() => Edited(2, "\"name\":\"a file\"", "\"name\":\" \""),
            "line 2: data.name has the name ' ', which is empty."),
        ["a seed that no table looks for"] = (() => Edited(4, "\"seed\":1", "\"seed\":7"),
            "line 4: data.seed is 7; the study's seeds are 1, and no table looks for others."),
        ["a perplexity of nothing"] = (() => Edited(8, "\"scoredTokens\":9214", "\"scoredTokens\":0"),
            "line 8: 23456.5 nats of 0 scored tokens are no perplexity"),
        ["a norm of what the run does not train"] = (() => StudyText.Lines(
            [.. StudyText.Whole("a file").Select(f => f is LayerNormMeasured n ? n with { Layer = 99 } : f)]),
            "in layer 99, which the run does not train: its tuning is '"),
        ["a run that settles as another model's"] = (() => StudyText.Lines(
            [.. StudyText.Whole("a file"), new RunSettled(Study, Run, "model-7", "domain-1", "pretrained", null, 0, "completed", 9, null)]),
            ": data.model is 'model-7'; the run was planned with 'model-1'."),
        ["a rule that averages nothing"] = (() => Edited(2, "\"top\":3,", "\"top\":0,"),
            "line 2: rule block-sum has version 1, top 0; they are 1 or more."),
        ["the study twice"] = (() => [.. Lines, .. Lines], $"line {Lines.Length + 2}: study "),
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_file_that_is_not_what_was_exported_is_refused_in_one_sentence_with_its_line(string fault)
    {
        var (file, says) = FaultCases[fault];
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => ReadAsync(StudyText.File(file())));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("the file", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task Compressed_files_other_encodings_and_huge_lines_are_named()
    {
        var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            await StudyText.File(Lines).CopyToAsync(gzip, Cancellation);
        Assert.Contains("compressed (gzip)", await SaysAsync(zipped.ToArray()), StringComparison.Ordinal);
        byte[] utf16 = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Line(1))];
        Assert.Contains("UTF-16", await SaysAsync(utf16), StringComparison.Ordinal);
        Assert.Contains("line 1: it is not UTF-8 text", await SaysAsync([0x22, 0xC3, 0x28, 0x22]), StringComparison.Ordinal);
        Assert.Contains("line 2: it is longer than 16 MiB", await SaysAsync(
            Encoding.UTF8.GetBytes(Line(1) + "\n" + new string(' ', StudyLines.MaxLineBytes + 2) + "\n")), StringComparison.Ordinal);

        async Task<string> SaysAsync(byte[] file) =>
            (await Assert.ThrowsAsync<RuleViolation>(() => ReadAsync(new MemoryStream(file)))).Message;
    }

    [Fact]
    public async Task A_file_written_by_hand_needs_no_more_than_stream_type_time_and_data()
    {
        var facts = new List<ReadFact>();
        var part = Assert.Single(await ReadAsync(File.OpenRead(ByHand), unchained: true, facts));
        Assert.Equal((true, "by hand"), (part.IsChainOurs, part.Name));
        Assert.Equal(facts.Count, part.Position);
        Assert.All(facts.GroupBy(f => f.Stream), stream => Assert.Equal(
            Enumerable.Range(1, stream.Count()).Select(v => (long)v), stream.Select(f => f.Version)));
        // What was left out and has a default is kept as if it had been written.
        Assert.Contains("\"lora\":{\"alpha\":32,\"dropout\":0,\"rank\":16}", facts[0].Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_filled_in_is_what_an_export_has_and_is_read_back_with_its_chain()
    {
        var facts = new List<ReadFact>();
        var part = Assert.Single(await ReadAsync(File.OpenRead(ByHand), unchained: true, facts));
        var again = StudyText.Lines([.. facts.Select(f => Ledger.Store.LedgerJson.Read(f.Kind, f.Data))]);
        Assert.Equal(part.Position, Assert.Single(await ReadAsync(StudyText.File(again))).Position);
        Assert.Equal(part.Root, Assert.Single(await ReadAsync(File.OpenRead(ByHand), unchained: true)).Root);
    }

    [Theory]
    [InlineData("\"layer\":0,", "", "line 6: data.layer is missing; it is a whole number.")]
    [InlineData("2026-01-02T03:04:06Z", "2026-01-02", "line 2: timestamp is '2026-01-02'; it is a time with its zone")]
    [InlineData("\"name\":\"block-sum\",\"version\":1", "\"name\":\"block-sum\",\"version\":1,\"measure\":\"rms\"",
        "line 1: rule block-sum")]
    [InlineData("\"type\":\"run_completed\"", "\"type\":\"run_complete\"", "line 4: type is 'run_complete'")]
    [InlineData("\"updateFrobenius\":1.25", "\"updateFrobenius\":\"1.25\"",
        "line 6: data.projections[0].updateFrobenius is \"1.25\"; it is a number.")]
    public async Task A_slip_in_a_file_written_by_hand_is_named_with_line_and_field(string written, string slip, string says)
    {
        var text = await File.ReadAllTextAsync(ByHand, Cancellation);
        Assert.Contains(written, text, StringComparison.Ordinal);
        var at = text.IndexOf(written, StringComparison.Ordinal);
        var file = new MemoryStream(Encoding.UTF8.GetBytes(text[..at] + slip + text[(at + written.Length)..]));
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => ReadAsync(file, unchained: true));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_study_and_no_run_takes_a_stream_of_the_ledgers_own_or_each_others()
    {
        var text = await File.ReadAllTextAsync(ByHand, Cancellation);
        Assert.Equal(
            typeof(LedgerIds).GetFields().Select(f => f.GetValue(null)).OfType<Guid>().Except([LedgerIds.Space]).Order(),
            LedgerIds.Own.Order());
        foreach (var own in LedgerIds.Own)
            foreach (var (number, line) in new[] { (1, 1), (2, 2) })
                Assert.Contains($"line {line}: stream is {own}, a stream of every ledger's own", await SaysAsync(number, own),
                    StringComparison.Ordinal);
        Assert.Contains("line 2: run aaaaaaaa-0000-4000-8000-000000000001 has the id of its study",
            await SaysAsync(2, new("aaaaaaaa-0000-4000-8000-000000000001")), StringComparison.Ordinal);

        async Task<string> SaysAsync(int number, Guid id) => (await Assert.ThrowsAsync<RuleViolation>(() => ReadAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(text.Replace(
                string.Create(CultureInfo.InvariantCulture, $"aaaaaaaa-0000-4000-8000-{number:D12}"), id.ToString(),
                StringComparison.Ordinal))), unchained: true))).Message;
    }

    [Fact]
    public async Task Several_studies_by_hand_begin_each_with_the_event_that_submits_it()
    {
        var text = await File.ReadAllTextAsync(ByHand, Cancellation);
        var other = text.Replace("aaaaaaaa-0000", "bbbbbbbb-0000", StringComparison.Ordinal);
        var parts = await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text + other)), unchained: true);
        Assert.Equal([0, 1], parts.Select(p => p.Number));
        Assert.Equal(2, parts.Select(p => p.Study).Distinct().Count());
    }

    [Fact]
    public async Task A_named_number_that_JSON_lacks_is_read_as_it_is_stored()
    {
        var (study, runs) = Samples.Study("overflow");
        var failed = new RunFailed(study.StudyId, runs[1].RunId, 1, "the loss was NaN", 3, double.NaN);
        var lines = StudyText.Lines([study, .. runs, new RunClaimed(study.StudyId, runs[1].RunId, 1, "w", Samples.Environment), failed]);
        Assert.Contains("\"lastGoodLossNats\":\"NaN\"", lines[^1], StringComparison.Ordinal);
        Assert.Single(await ReadAsync(StudyText.File(lines)));
    }

    private static string FindByHand([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "by-hand.jsonl");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Cause => IdOf(2);

    private static Guid Study => Guid.Parse(StreamOf(2));

    private static Guid Run => Guid.Parse(StreamOf(3));

    private static string IdOf(int line) => Field(line, "id");

    private static string StreamOf(int line) => Field(line, "stream");

    private static string Field(int line, string name)
    {
        var at = Line(line).IndexOf($"\"{name}\":\"", StringComparison.Ordinal) + name.Length + 4;
        return Line(line)[at..(at + 36)];
    }

    private static IEnumerable<string> Edited(int line, string what, string by, bool once = false)
    {
        var edited = once
            ? Line(line)[..Line(line).IndexOf(what, StringComparison.Ordinal)] + by
                + Line(line)[(Line(line).IndexOf(what, StringComparison.Ordinal) + what.Length)..]
            : Line(line).Replace(what, by, StringComparison.Ordinal);
        Assert.True(edited != Line(line), string.Create(CultureInfo.InvariantCulture, $"line {line} has no {what}"));
        return [.. Lines.Take(line - 1), edited, .. Lines.Skip(line)];
    }

    private static IEnumerable<string> Without(int line) => [.. Lines.Take(line - 1), .. Lines.Skip(line)];

    private static IEnumerable<string> Swapped(int one, int two) =>
        Lines.Select((l, i) => i == one - 1 ? Line(two) : i == two - 1 ? Line(one) : l);

    private static async Task<IReadOnlyList<ReadPart>> ReadAsync(Stream file, bool unchained = false, List<ReadFact>? facts = null)
    {
        await using (file)
            return await StudyFile.ReadAsync(file, "the file", unchained, (_, _, fact) =>
            {
                facts?.Add(fact);
                return Task.CompletedTask;
            }, Cancellation);
    }
}
