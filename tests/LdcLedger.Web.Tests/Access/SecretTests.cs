using System.Collections.Concurrent;
using System.Net;
using System.Text;
using LdcLedger.Domain.Access;
using LdcLedger.Web.Access;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LdcLedger.Web.Tests.Access;

/// <summary>A token is in the hands of whoever got it, and nowhere else: not in the database, not in a log, not among the
/// processes.</summary>
public sealed class SecretTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "6")]
    [Trait("Attack", "7")]
    public async Task No_token_and_no_login_code_is_in_the_database_in_a_log_or_among_the_processes()
    {
        using var log = new KeptLog();
        await using var server = await ledger.StartAsync(ledger.Settings, log);
        var token = await ledger.MakeAsync("ivan", AccessRoles.Operator);
        var link = server.Link();
        using (var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }))
        {
            Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync(link, Cancellation)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync(link, Cancellation)).StatusCode);
            await browser.PostAsync(
                new Uri(server.Url!, "session"), new FormUrlEncodedContent([KeyValuePair.Create("token", token)]), Cancellation);
            browser.DefaultRequestHeaders.Authorization = new("Bearer", token);
            foreach (var path in (string[])["", "studies/nowhere", "api/v1/runs?limit=x", "ledger"])
                await browser.GetAsync(new Uri(server.Url!, path), Cancellation);
            await browser.PostAsync(new Uri(server.Url!, $"api/v1/studies/{ledger.Open}/extend"),
                new StringContent("{\"rule\":\"component-frobenius\"}", null, "application/json"), Cancellation);
        }
        string[] secrets = [token[4..24], ledger.Token.Text[4..24], link[^20..]];
        var database = await DumpAsync();
        Assert.Contains(TokenText.Sha256(token), database, StringComparison.Ordinal);   // what is looked at is what was written
        Assert.Contains("\"by\": \"ivan\"", database, StringComparison.Ordinal);
        var processes = string.Concat(Directory.GetDirectories("/proc").Select(process => Text($"{process}/cmdline")));
        Assert.NotEmpty(processes);
        Assert.All(secrets, secret =>
        {
            Assert.DoesNotContain(secret, database, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, log.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, processes, StringComparison.Ordinal);
        });
    }

    [Fact]
    [Trait("Attack", "22")]
    public async Task Many_wrong_tokens_are_one_line_a_minute_and_no_event()
    {
        using var log = new KeptLog();
        var time = new StoppedMinutes();
        var server = await WebServer.StartAsync(ledger.Settings, ledger.Store, ledger.Token, log, time, Cancellation);
        var (last, started) = (await ledger.LastAsync(), log.Text);
        using var client = new HttpClient { BaseAddress = server.Url };
        for (var i = 0; i < 200; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "");
            request.Headers.Authorization = new("Bearer", i % 2 == 0 ? TokenText.New() : $"guess-{i}");
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request, Cancellation)).StatusCode);
        }
        Assert.Equal(started, log.Text);
        time.Pass();
        while (log.Text == started)
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancellation);
        time.Pass();
        await server.DisposeAsync();
        Assert.Equal("200 requests in the last minute showed a token or a session that is none\n", log.Text[started.Length..]);
        Assert.Equal(last, await ledger.LastAsync());
    }

    [Fact]
    [Trait("Attack", "32")]
    [Trait("Needs", "nothing")]
    public void A_secret_is_compared_in_the_same_time_wherever_it_differs_or_by_its_hash()
    {
        // Whatever holds a secret is compared by one function; anything else that reads it makes a key, a hash or a cookie of it.
        var lines = Directory.GetFiles(Source(), "*.cs").SelectMany(File.ReadLines).ToList();
        // The local token, a session's signature, a login code's.
        Assert.Equal(3, lines.Count(line => line.Contains("FixedTimeEquals", StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.DoesNotMatch(
            @"(==|[^e]Equals\(|SequenceEqual\().*(local\.Text|Sign\(|signature)|(local\.Text|Sign\([^)]*\)|signature) *==", line));
    }

    private async Task<string> DumpAsync()
    {
        var all = new StringBuilder();
        var tables = new List<string>();
        await using (var command = ledger.Store.DataSource.CreateCommand(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"))
        await using (var reader = await command.ExecuteReaderAsync(Cancellation))
            while (await reader.ReadAsync(Cancellation))
                tables.Add(reader.GetString(0));
        foreach (var table in tables)
        {
            await using var command = ledger.Store.DataSource.CreateCommand(
                $"select coalesce(string_agg(t::text, ' '), '') from {table} t");
            all.AppendLine((string)(await command.ExecuteScalarAsync(Cancellation))!);
        }
        return all.Replace("\\\"", "\"").Replace("\"\"", "\"").ToString();
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Source([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "../../../src/LdcLedger.Web/Access");

    /// <summary>A minute passes when somebody says so.</summary>
    private sealed class StoppedMinutes : TimeProvider
    {
        private readonly ConcurrentBag<Action> _minutes = [];

        public void Pass()
        {
            foreach (var minute in _minutes)
                minute();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (period != TimeSpan.FromMinutes(1))
                return base.CreateTimer(callback, state, dueTime, period);
            _minutes.Add(() => callback(state));
            return base.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}

/// <summary>A log whose every line, of every level, is kept.</summary>
internal sealed class KeptLog : ILoggerFactory, ILogger
{
    private readonly StringBuilder _text = new();

    public string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_text)
            _text.Append(formatter(state, exception)).Append(exception).Append('\n');
    }
}
