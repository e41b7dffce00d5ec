using System.Text;
using System.Text.Json;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Runs;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Tests.Postgres;
using LdcLedger.Ledger.Verification;
using Xunit;

namespace LdcLedger.Ledger.Tests.Chain;

public sealed class ChainTests(EmptyLedger ledger) : IClassFixture<EmptyLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Appendix B of RFC 8785 and the examples of its section 3.2.
    [Theory]
    [InlineData(0x0000000000000000UL, "0")]
    [InlineData(0x8000000000000000UL, "0")]
    [InlineData(0x0000000000000001UL, "5e-324")]
    [InlineData(0x7fefffffffffffffUL, "1.7976931348623157e+308")]
    [InlineData(0x4340000000000000UL, "9007199254740992")]
    [InlineData(0x4430000000000000UL, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5UL, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6UL, "1e+23")]
    [InlineData(0x444b1ae4d6e2ef4eUL, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef50UL, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8cUL, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8dUL, "0.000001")]
    [InlineData(0x41b3de4355555553UL, "333333333.3333332")]
    [InlineData(0xbecbf647612f3696UL, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959UL, "1424953923781206.2")]
    public void Numbers_are_written_as_the_standard_says(ulong bits, string expected) =>
        Assert.Equal(expected, CanonicalJson.Number(BitConverter.UInt64BitsToDouble(bits)));

    [Fact]
    public void Keys_are_sorted_and_strings_escaped_as_the_standard_says()
    {
        using var json = JsonDocument.Parse("""
            { "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew", "1": [1E30, 4.50, 2e-3, 1e-27], "\ud83d\ude00": "Smiley",
              "\u0080": "Control\u007f", "\u00f6": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }
            """);
        Assert.Equal(
            "{\"\\r\":\"Carriage Return\",\"1\":[1e+30,4.5,0.002,1e-27],\"literals\":[null,true,false]," +
            "\"\u0080\":\"Control\u007f\",\"ö\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\","
                + "\"€\":\"Euro Sign\",\"😀\":\"Smiley\",\"\ufb33\":\"Hebrew\"}",
            Encoding.UTF8.GetString(CanonicalJson.Of(json.RootElement)));
    }

    // What is canonical already is copied; written the long way, member by member, it is the same.
    [Fact]
    public void Any_spelling_of_any_json_has_the_canonical_form_of_what_it_says()
    {
        var random = new Random(8785);
        string[] names = ["a", "b", "aa", "B", "é", "€", "\ud83d\ude00", "\ufb33", "a\"", "\\", "", "0", "a/b", "loss"];
        for (var round = 0; round < 2_000; round++)
        {
            var spelled = Value(random, 0);
            using var json = JsonDocument.Parse(spelled);
            Assert.Equal(Plainly(json.RootElement), Encoding.UTF8.GetString(CanonicalJson.Of(json.RootElement)));
        }

        string Value(Random r, int depth) => r.Next(depth > 3 ? 5 : 7) switch
        {
            0 => Number(r),
            1 => Number(r),
            2 => Text(names[r.Next(names.Length)], r),
            3 => "null",
            4 => r.Next(2) == 0 ? "true" : " false ",
            5 => "[" + string.Join(" , ", Enumerable.Range(0, r.Next(4)).Select(_ => Value(r, depth + 1))) + "]",
            _ => "{ "
                + string.Join(",", names.OrderBy(_ => r.Next()).Take(r.Next(6)).Select(n => $"{Text(n, r)} : {Value(r, depth + 1)}")) + "}",
        };

        static string Number(Random r)
        {
            var value = r.Next(5) switch
            {
                0 => r.Next(-9, 100),
                1 => Math.Round(r.NextDouble() * 1_000, r.Next(9)),
                2 => r.NextDouble() * Math.Pow(10, r.Next(-12, 25)),
                3 => BitConverter.Int64BitsToDouble(r.NextInt64(0x7fe0000000000000)),
                _ => -r.NextDouble(),
            };
            return r.Next(4) switch
            {
                0 => value.ToString("R", null),
                1 => value.ToString("E17", null),
                2 when Math.Abs(value) is > 1e-20 and < 1e20 => ((decimal)value).ToString(null, null)
                    + (value == Math.Truncate(value) ? ".000" : "00"),
                _ => value.ToString("R", null),
            };
        }

        static string Text(string text, Random r) => r.Next(3) == 0
            ? "\"" + string.Concat(text.Select(c => $"\\u{(int)c:x4}")) + "\""
            : JsonSerializer.Serialize(text, r.Next(2) == 0 ? LedgerJson.Options : JsonSerializerOptions.Default);
    }

    private static string Plainly(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", json.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => $"{Quoted(p.Name)}:{Plainly(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", json.EnumerateArray().Select(Plainly)) + "]",
        JsonValueKind.String => Quoted(json.GetString()!),
        JsonValueKind.Number => CanonicalJson.Number(json.GetDouble()),
        _ => json.GetRawText(),
    };

    private static string Quoted(string text) =>
        "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    // The roots that certificate-transparency implementations test with.
    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_those_of_rfc_6962(int leaves, string root)
    {
        string[] contents = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        var tree = new MerkleTree();
        foreach (var content in contents[..leaves])
            tree.Add(Convert.FromHexString(content));
        Assert.Equal(root, tree.Root());
    }

    [Theory]
    [InlineData("update ledger.mt_events set data = jsonb_set(data, '{reason}', '\"another\"') where id = '{0}'")]
    [InlineData("update ledger.mt_events set timestamp = timestamp + interval '1 microsecond' where id = '{0}'")]
    [InlineData("update ledger.mt_events set type = 'run_cancelled' where id = '{0}'")]
    [InlineData("update ledger.mt_events set causation_id = 'x' where id = '{0}'")]
    [InlineData("delete from ledger.mt_events where id = '{0}'")]
    public async Task One_event_tampered_with_is_one_broken_link(string tampering)
    {
        var (study, runs) = Samples.Study("tampered " + tampering);
        var claimed = Samples.Whole(runs[1])[0];
        var failed = new RunFailed(study.StudyId, runs[1].RunId, 1, "NaN", 3, null);
        await ledger.Writer.RecordAsync([study, .. runs, claimed, failed, .. Samples.Epoch(runs[1], 2)], cancellation: Cancellation);
        Assert.True((await ChainVerification.RunAsync(ledger.Store, study.StudyId, Cancellation)).IsIntact);

        await ledger.TamperAsync(tampering.Replace("{0}", EventIds.Of(failed).ToString(), StringComparison.Ordinal));
        var broken = Assert.Single((await ChainVerification.RunAsync(ledger.Store, study.StudyId, Cancellation)).Differences);
        Assert.Equal(runs[1].RunId, broken.Stream);
    }

    [Fact]
    public async Task A_refused_append_breaks_no_link_of_the_whole_ledger()
    {
        var (study, runs) = Samples.Study("refused");
        await ledger.Writer.RecordAsync([study, runs[0]], cancellation: Cancellation);
        var seen = await ledger.Writer.HeadsAsync([runs[0].RunId], Cancellation);
        await ledger.Writer.RecordAsync(Samples.End(runs[0]), cancellation: Cancellation);
        // Written by Marten some time after the refusal, and only where the stream that is refused is not the first.
        while (await TombstonesAsync() == 0)
            foreach (var run in runs.Skip(1))
                await Assert.ThrowsAsync<LedgerConflict>(() => ledger.Writer.AppendAsync(
                    [run, new RunCancelRequested(study.StudyId, runs[0].RunId, 0, "late")], seen, cancellation: Cancellation));

        var verified = await ChainVerification.RunAsync(ledger.Store, cancellation: Cancellation);

        Assert.DoesNotContain(verified.Differences, link => link.Type == "tombstone");
    }

    private async Task<long> TombstonesAsync()
    {
        await using var command = ledger.Store.DataSource.CreateCommand("select count(*) from ledger.mt_events where type = 'tombstone'");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    [Fact]
    public async Task A_study_s_position_and_root_say_nothing_of_the_rest_of_the_ledger()
    {
        var (study, runs) = Samples.Study("its own root");
        await ledger.Writer.RecordAsync([study, .. runs], cancellation: Cancellation);
        var before = await StudyRoot.OfAsync(ledger.Store, study.StudyId, cancellation: Cancellation);
        Assert.Equal(1 + runs.Count, before.Position);

        await ledger.Writer.RecordAsync([Samples.Study("another").Study], cancellation: Cancellation);
        Assert.Equal(before, await StudyRoot.OfAsync(ledger.Store, study.StudyId, cancellation: Cancellation));

        await ledger.Writer.RecordAsync(Samples.Whole(runs[0]), cancellation: Cancellation);
        var after = await StudyRoot.OfAsync(ledger.Store, study.StudyId, cancellation: Cancellation);
        Assert.Equal(before.Position + Samples.Whole(runs[0]).Count, after.Position);
        Assert.NotEqual(before.Root, after.Root);
        Assert.Equal(before, await StudyRoot.OfAsync(ledger.Store, study.StudyId, before.LastSequence, Cancellation));
    }
}
