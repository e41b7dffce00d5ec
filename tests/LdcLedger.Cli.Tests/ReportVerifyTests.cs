using System.Security.Cryptography;
using LdcLedger.Ledger.Postgres;
using Npgsql;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>
/// A report is built again in the ledger that it came from and in others, byte for byte; what was done to either is told apart.
/// </summary>
public sealed class ReportVerifyTests : IDisposable
{
    private static readonly string[] ByHand =
        File.ReadAllLines(Path.Combine(Tests.Ldc.Repository, "tests/LdcLedger.Ledger.Tests/Exchange/by-hand.jsonl"));

    private readonly Ledgers _ledgers = new();

    public void Dispose() => _ledgers.Dispose();

    [Fact]
    public async Task Another_ledger_gives_the_same_bytes_in_any_time_zone_and_language()
    {
        _ledgers.Folder.Write("by-hand.jsonl", string.Join('\n', ByHand));
        _ledgers.Folder.Write("mine.yaml", "name: mine\nmeasure: relative\n");
        await Done("here", "ledger", "import", "--unchained", "by-hand.jsonl");
        await Done("here", "rules", "add", "mine.yaml");
        await Done("here", "report", "build", "by hand", "--rule", "mine", "--rule", "block-sum", "--format", "pdf,html", "--out", "mine");
        await Done("here", "report", "build", "by hand", "--format", "pdf,csv", "--out", "here-report");
        await Done("here", "ledger", "export", "study.jsonl", "--study", "by hand");
        await Done("there", "ledger", "import", "study.jsonl");

        var hashes = Hashes("here-report");
        Assert.Contains("report.pdf", hashes.Keys);
        foreach (var (zone, language) in new[] { ("Asia/Kolkata", "de_DE.UTF-8"), ("America/St_Johns", "tr_TR.UTF-8"), ("UTC", "C") })
        {
            var built = await _ledgers.With([("TZ", zone), ("LANG", language), ("LC_ALL", language)], "there",
                "report", "build", "by hand", "--format", "pdf,csv", "--out", $"there-{language}");
            Assert.True(built.Code == 0, built.Err);
            Assert.Equal(hashes, Hashes($"there-{language}"));
        }

        // A rule stays in the ledger that it was defined in; the report carries it.
        foreach (var report in new[] { "mine/report.pdf", "mine/report.html", "here-report/report.pdf" })
        {
            var same = await Ldc("there", "report", "verify", report);
            Assert.True(same.Code == 0, same.Out + same.Err);
            Assert.StartsWith($"{report} is what this ledger gives, byte for byte.\n", same.Out, StringComparison.Ordinal);
        }
        _ledgers.Folder.Write("mine.yaml", "name: mine\nmeasure: rms\n");
        await Done("there", "rules", "add", "mine.yaml");
        var other = await Ldc("there", "report", "verify", "mine/report.pdf", "--json");
        Assert.Equal((1, "rule"), (other.Code, Assert.Single(Differences(other)).Kind));
        Assert.Contains("rule mine@1 says something else here", Differences(other)[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_s_own_tables_are_compared_whole_and_row_by_row()
    {
        _ledgers.Folder.Write("by-hand.jsonl", string.Join('\n', ByHand));
        await Done("here", "ledger", "import", "--unchained", "by-hand.jsonl");
        await Done("here", "report", "build", "by hand", "--format", "csv", "--out", "report");
        var same = await Ldc("here", "report", "diff", "by hand", "report");
        Assert.True(same.Code == 0, same.Out + same.Err);

        // A norm that has few digits, and is no rounded one for that.
        foreach (var (file, was, now, says) in new[]
        {
            ("norms", "m,d,all,0,11.375\r\n", "m,d,all,0,11.3751\r\n", "1 differ"),
            ("domains-table", "\r\nd,jsonl,", "\r\nother,jsonl,", "only in by hand: domains-table, row d"),
        })
        {
            var path = $"report/tables/{file}.csv";
            var text = File.ReadAllText(_ledgers.Folder[path]);
            Assert.Contains(was, text, StringComparison.Ordinal);
            _ledgers.Folder.Write(path, text.Replace(was, now));
            foreach (var side in new[] { "report", "report/tables", path })
            {
                var differs = await Ldc("here", "report", "diff", "by hand", side);
                Assert.Equal(1, differs.Code);
                Assert.Contains(says, differs.Out, StringComparison.Ordinal);
            }
            _ledgers.Folder.Write(path, text);
        }
    }

    [Fact]
    public async Task A_changed_a_missing_and_a_tampered_event_are_told_apart()
    {
        _ledgers.Folder.Write("by-hand.jsonl", string.Join('\n', ByHand));
        // Another ledger was told another number, and a third has not heard of the last event yet.
        const string norm = "\"updateFrobenius\":3.25", another = "\"updateFrobenius\":3.75";
        _ledgers.Folder.Write("changed.jsonl", string.Join('\n', ByHand.Select(line => line.Replace(norm, another))));
        _ledgers.Folder.Write("shorter.jsonl", string.Join('\n', ByHand[..^1]));
        _ledgers.Folder.Write("none.jsonl", string.Join('\n', ByHand.Select(line => line.Replace("aaaaaaaa-0000", "bbbbbbbb-0000"))));
        _ledgers.Folder.Write("nearly.jsonl", string.Join('\n', ByHand.Select(line => line.Replace(norm, norm + "0001"))));
        foreach (var ledger in new[] { "by-hand", "changed", "nearly", "shorter", "none" })
            await Done(ledger, "ledger", "import", "--unchained", $"{ledger}.jsonl");
        await Done("by-hand", "report", "build", "by hand", "--format", "pdf", "--out", "report");

        var changed = await Ldc("changed", "report", "verify", "report/report.pdf", "--json");
        Assert.Equal(1, changed.Code);
        Assert.Equal(["root", "words", "tables"], Differences(changed).Select(d => d.Kind));
        var nearly = await Ldc("nearly", "report", "verify", "report/report.pdf", "--json");
        Assert.Equal(1, nearly.Code);
        Assert.Equal(["root", "tables"], Differences(nearly).Select(d => d.Kind).Except(["drawing"]));
        Assert.EndsWith("digits that are not printed: a changed event does that", Differences(nearly)[1].What, StringComparison.Ordinal);
        var shorter = await Ldc("shorter", "report", "verify", "report/report.pdf");
        Assert.Equal(1, shorter.Code);
        Assert.Contains(
            $"  events: 1 event is missing: report/report.pdf is of position {ByHand.Length} of study by hand, which has "
            + $"{ByHand.Length - 1} events in this ledger; one that has all must judge it.\n", shorter.Out, StringComparison.Ordinal);
        var none = await Ldc("none", "report", "verify", "report/report.pdf");
        Assert.Equal(2, none.Code);
        Assert.Contains("of study aaaaaaaa-0000-4000-8000-000000000001, which is not in this ledger", none.Err, StringComparison.Ordinal);

        await Tamper("by-hand",
            """
            update ledger.mt_events set data = jsonb_set(data, '{totalNats}', '2000')
            where type = 'perplexity_evaluated' and data ->> 'role' = 'all'
            """);
        var tampered = await Ldc("by-hand", "report", "verify", "report/report.pdf", "--json");
        Assert.Equal(1, tampered.Code);
        Assert.Equal("events", Differences(tampered)[0].Kind);
        Assert.Contains("edited: version", Differences(tampered)[0].What, StringComparison.Ordinal);
        Assert.Contains("(perplexity_evaluated), data", Differences(tampered)[0].What, StringComparison.Ordinal);

        await Tamper("by-hand", "delete from ledger.mt_events where type = 'layer_norm_measured' and data ->> 'layer' = '0'");
        var missing = await Ldc("by-hand", "report", "verify", "report/report.pdf", "--json");
        Assert.Equal(1, missing.Code);
        Assert.Contains(Differences(missing), d => d.Kind == "events" && d.What.Contains("missing: version", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_no_report_is_refused_before_a_ledger_is_begun()
    {
        _ledgers.Folder.Write("letter.pdf", "Dear all");
        _ledgers.Folder.Write("cut.pdf", "%PDF-1.7\n1 0 obj\n");
        _ledgers.Folder.Write("page.html", "<!DOCTYPE html>\n<html></html>\n");
        _ledgers.Folder.Write("head.txt", "model,domain,pt\n");
        (string[] Arguments, string Says)[] cases =
        [
            (["verify", "letter.pdf"], "letter.pdf is neither PDF nor HTML"),
            (["verify", "cut.pdf"], "cut.pdf is cut off"),
            (["verify", "nowhere.pdf"], "\"nowhere.pdf\" is not there"),
            (["verify", "."], "\".\" is a folder"),
            (["diff", "nowhere.csv", "demo"], "\"nowhere.csv\" is not there"),
            (["diff", "./", "demo"], "./ is a folder without tables"),
            (["diff", "letter.pdf", "cut.pdf"], "letter.pdf has one column"),
            (["diff", "cut.pdf", "demo"], "\"cut.pdf\" is a document of pages, and no table; of a report, compare the study"),
            (["diff", "page.html", "demo"], "\"page.html\" is a document of pages, and no table; of a report, compare the study"),
            (["diff", "head.txt", "head.txt"], "head.txt has names of columns and no row below them: there is nothing to compare."),
        ];
        foreach (var (arguments, says) in cases)
        {
            var call = await Ldc("nothing", ["report", .. arguments]);
            Assert.Equal((2, ""), (call.Code, call.Out));
            Assert.Contains(says, call.Err, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(_ledgers.Folder["nothing"]));
    }

    private static List<(string Kind, string What)> Differences(Call call) =>
    [
        .. call.Json.GetProperty("differences").EnumerateArray()
            .Select(d => (d.GetProperty("kind").GetString()!, d.GetProperty("what").GetString()!)),
    ];

    private SortedDictionary<string, string> Hashes(string folder) => new(
        Directory.GetFiles(_ledgers.Folder[folder], "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(_ledgers.Folder[folder], file),
            file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))),
        StringComparer.Ordinal);

    /// <summary>Behind the back of everything that guards a ledger.</summary>
    private async Task Tamper(string ledger, string sql)
    {
        await using var server = await PrivatePostgres.StartAsync(_ledgers.Folder[ledger], TestContext.Current.CancellationToken);
        await using var data = NpgsqlDataSource.Create(server.ConnectionString);
        await using var command = data.CreateCommand($"set session_replication_role = replica; {sql}");
        Assert.True(await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken) > 0);
    }

    private async Task Done(string ledger, params string[] arguments)
    {
        var call = await Ldc(ledger, arguments);
        Assert.True(call.Code == 0, call.Err);
    }

    private Task<Call> Ldc(string ledger, params string[] arguments) => _ledgers.In(ledger, arguments);
}
