using System.Net;
using System.Text.RegularExpressions;
using LdcLedger.Domain.Access;
using LdcLedger.Web.Access;
using Xunit;

namespace LdcLedger.Web.Tests.Access;

/// <summary>What others have tried on login links, cookies and tokens of dashboards like this one.</summary>
public sealed partial class SessionAttackTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Attack", "7")]
    public async Task A_login_link_works_once_leaves_a_clean_address_and_a_cookie_that_scripts_cannot_read()
    {
        using var client = ledger.Client();
        var link = ledger.Web.Link();
        using var first = await client.GetAsync(link, Cancellation);
        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        Assert.Equal("/", first.Headers.Location!.OriginalString);
        var cookie = first.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith($"ldc-{ledger.Web.Url!.Port}=", cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("", cookie));

        using var again = await client.GetAsync(link, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.Contains("was used already", await again.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        // And neither one that was changed, nor one of another key.
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(link.Replace("?t=1", "?t=2", StringComparison.Ordinal), null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("login?t=a.b", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("login", null));
    }

    [Fact]
    [Trait("Attack", "31")]
    public async Task A_cookie_of_another_port_or_of_another_s_making_is_no_session()
    {
        var cookie = await SignInAsync(ledger.Token.Text);
        var sign = cookie.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = (cookie[..sign], cookie[(sign + 1)..]);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("", cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("", $"ldc-1={value}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("", $"{name}={value[..^1]}{(value[^1] == 'A' ? 'B' : 'A')}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("", $"{name}=local.99999999999.AAAA"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("", $"{name}=everybody.99999999999."));
        // The token itself is in no cookie.
        Assert.DoesNotContain(ledger.Token.Text, cookie, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Attack", "23")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\tevil")]
    [InlineData("/%09/evil\n")]
    [InlineData("javascript:alert(1)")]
    public async Task After_signing_in_nobody_is_sent_elsewhere(string next)
    {
        using var response = await PostAsync("session", new() { ["token"] = ledger.Reader, ["next"] = next });
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal("/", response.Headers.Location!.OriginalString);
        using var own = await PostAsync("session", new() { ["token"] = ledger.Reader, ["next"] = "/studies/x?at=3" });
        Assert.Equal("/studies/x?at=3", own.Headers.Location!.OriginalString);
    }

    public static TheoryData<string?, string?, bool> Origins => new()
    {
        { "same-origin", null, true }, { "none", null, true }, { "same-site", null, false }, { "cross-site", null, false },
        { "same-origin, none", null, false }, { "", null, false },
        { null, null, true }, { null, "OWN", true }, { null, "null", false }, { null, "http://127.0.0.1:1", false },
        { null, "http://localhost.evil.example", false }, { null, "http://evil.example/?OWN", false }, { null, "https://OWNHOST", false },
        // What the browser says of the site decides, not what a page could have made of the rest.
        { "cross-site", "OWN", false }, { "same-site", "OWN", false },
    };

    [Theory]
    [Trait("Attack", "2")]
    [Trait("Attack", "3")]
    [Trait("Attack", "24")]
    [MemberData(nameof(Origins))]
    public async Task A_page_of_another_origin_changes_nothing_in_the_name_of_whoever_is_signed_in(
        string? site, string? origin, bool passes)
    {
        var cookie = await SignInAsync(ledger.Token.Text);
        var before = await PositionAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "session/end") { Content = new FormUrlEncodedContent([]) };
        request.Headers.Add("Cookie", cookie);
        if (site is not null)
            request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", site);
        var own = ledger.Web.Url!.GetLeftPart(UriPartial.Authority);
        if (origin is not null)
            request.Headers.Add(
                "Origin", origin.Replace("OWNHOST", ledger.Web.Url.Authority).Replace("OWN", own, StringComparison.Ordinal));
        using var client = ledger.Client();
        using var response = await client.SendAsync(request, Cancellation);
        Assert.Equal(passes ? HttpStatusCode.SeeOther : HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(before, await PositionAsync());
    }

    [Fact]
    [Trait("Attack", "8")]
    public async Task A_revoked_token_is_refused_at_once_its_session_too_and_its_open_stream_ends()
    {
        var token = await ledger.MakeAsync("leaves", AccessRoles.Reader);
        var cookie = await SignInAsync(token);
        using var client = ledger.Client(token);
        using var stream = await client.GetAsync("live", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("", cookie));

        await ledger.Access.RevokeAsync("leaves", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("", cookie));
        using var refused = await client.GetAsync("", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        var said = await stream.Content.ReadAsStringAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(5), Cancellation);
        Assert.EndsWith("event: out\ndata: {}\n\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_ends_by_itself_when_its_time_is_over()
    {
        var token = await ledger.MakeAsync("short", AccessRoles.Reader, expires: TimeProvider.System.GetUtcNow().AddSeconds(2));
        using var client = ledger.Client(token);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("", Cancellation)).StatusCode);
        // Until its time is over, and not a second longer than that takes to notice.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        while ((await client.GetAsync("", limit.Token)).StatusCode != HttpStatusCode.Unauthorized)
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
    }

    [Fact]
    public async Task Tokens_are_nowhere_in_the_ledger_and_many_wrong_ones_leave_no_event()
    {
        var before = await PositionAsync();
        for (var i = 0; i < 50; i++)
        {
            using var client = ledger.Client(i % 2 == 0 ? TokenText.New() : $"ldc_{i}");
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("", Cancellation)).StatusCode);
        }
        Assert.Equal(before, await PositionAsync());
        await using var command = ledger.Store.DataSource.CreateCommand($"""
            select coalesce(string_agg(data::text || headers::text, ' '), '') from {ledger.Store.Tables.Events} where type like 'access%'
            """);
        var kept = (string)(await command.ExecuteScalarAsync(Cancellation))!;
        Assert.Contains(TokenText.Sha256(ledger.Reader), kept, StringComparison.Ordinal);
        Assert.All([ledger.Reader, ledger.Bound, ledger.Token.Text], token => Assert.DoesNotContain(token[4..20], kept));
    }

    [Fact]
    [Trait("Attack", "27")]
    public async Task Headers_of_a_proxy_make_nobody_somebody_and_no_name_another()
    {
        using var client = ledger.Client();
        foreach (var (name, value) in ((string, string)[])
            [("X-Remote-User", "admin"), ("X-Forwarded-User", "admin"), ("Remote-User", "admin"), ("X-Forwarded-For", "127.0.0.1")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "");
            request.Headers.Add(name, value);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request, Cancellation)).StatusCode);
        }
        using var forwarded = new HttpRequestMessage(HttpMethod.Get, "");
        forwarded.Headers.Host = "evil.example";
        forwarded.Headers.Add("X-Forwarded-Host", ledger.Web.Url!.Authority);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await client.SendAsync(forwarded, Cancellation)).StatusCode);
    }

    [Fact]
    [Trait("Attack", "5")]
    public async Task Where_others_get_it_does_not_start_without_a_token_nor_open_to_all()
    {
        await using var empty = await EmptyLedgerAsync();
        var everywhere = new ListenAddress(IPAddress.Any, 0, null);
        var refused = await Assert.ThrowsAsync<NoTokenYet>(() => WebServer.StartAsync(
            new(everywhere), empty, ledger.Token, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, TimeProvider.System,
            Cancellation));
        Assert.Contains("ldc token add", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Domain.RuleViolation>(() => ledger.StartAsync(new(everywhere, IsOpen: true)));
        await using var open = await ledger.StartAsync(new(ListenAddress.Usual with { Port = 0 }, IsOpen: true));
        using var client = new HttpClient { BaseAddress = open.Url };
        Assert.Contains("reader", await client.GetStringAsync("api/v1/session", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public void The_token_file_is_for_its_owner_alone()
    {
        var folder = Directory.CreateTempSubdirectory("ldc-token-").FullName;
        try
        {
            var token = LocalToken.In(folder);
            Assert.Equal(token.Text, LocalToken.In(folder).Text);
            var path = Path.Combine(folder, LocalToken.FileName);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Contains("may be read by others", Assert.Throws<Domain.RuleViolation>(() => LocalToken.In(folder)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Ledger.Store.LedgerStore> EmptyLedgerAsync() => await Ledger.Store.LedgerStore.OpenAsync(
        ledger.Store.DataSource.ConnectionString, schema: "empty", cancellation: Cancellation);

    private async Task<string> SignInAsync(string token)
    {
        using var response = await PostAsync("session", new() { ["token"] = token });
        return Cookie().Match(response.Headers.GetValues("Set-Cookie").Single()).Value;
    }

    private async Task<HttpResponseMessage> PostAsync(string path, Dictionary<string, string> form)
    {
        using var client = ledger.Client();
        return await client.PostAsync(path, new FormUrlEncodedContent(form), Cancellation);
    }

    private async Task<HttpStatusCode> StatusAsync(string path, string? cookie)
    {
        using var client = ledger.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie is not null)
            request.Headers.Add("Cookie", Cookie().Match(cookie).Value);
        using var response = await client.SendAsync(request, Cancellation);
        return response.StatusCode;
    }

    private async Task<long> PositionAsync() => await new Ledger.Views.LedgerViews(ledger.Store, TimeProvider.System)
        .StateAsync(Cancellation) is var state ? state.Last : 0;

    [GeneratedRegex("^[^;]+")]
    private static partial Regex Cookie();
}
