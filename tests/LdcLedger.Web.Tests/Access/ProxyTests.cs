using System.Net;
using System.Net.Sockets;
using LdcLedger.Domain;
using LdcLedger.Domain.Access;
using LdcLedger.Web.Access;
using Xunit;

namespace LdcLedger.Web.Tests.Access;

/// <summary>A proxy that signs people in says who they are, on a socket where nobody else gets; anywhere else its header is
/// nobody's.</summary>
public sealed class ProxyTests(TestLedger ledger) : IClassFixture<TestLedger>, IAsyncLifetime
{
    private const string Header = "X-Remote-User";

    private readonly string _folder = TestServer.Folder();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private WebSettings OnSocket => ledger.Settings with
    {
        Listen = ListenAddress.Parse($"unix:{Path.Combine(_folder, "web.sock")}", "--listen"), PublicUrl = new("https://lab.example/ldc"),
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    [Trait("Attack", "27")]
    public async Task Whoever_the_proxy_names_has_the_role_of_the_token_of_that_name_until_it_is_revoked()
    {
        await ledger.MakeAsync("grace@lab.example", AccessRoles.Operator);
        await using var server = await ledger.StartAsync(OnSocket with { ProxyUserHeader = Header });
        using var client = Client();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "grace@lab.example"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "nobody-we-know"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, ""));
        // One of the two is forged.
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "grace@lab.example", "grace@lab.example"));
        using var who = Request("api/v1/session", "grace@lab.example");
        using var told = await client.SendAsync(who, Cancellation);
        Assert.Contains("\"operator\"", await told.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        // The proxy names somebody whoever made their browser ask: a page of another origin is refused as with a cookie.
        using var foreign = Request($"studies/{ledger.Open}/cancel", "grace@lab.example");
        foreign.Method = HttpMethod.Post;
        foreign.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(foreign, Cancellation)).StatusCode);

        await ledger.Access.RevokeAsync("grace@lab.example", Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "grace@lab.example"));
    }

    [Fact]
    [Trait("Attack", "27")]
    public async Task Where_others_could_send_it_no_server_starts_and_where_nobody_asked_for_it_it_counts_for_nothing()
    {
        foreach (var listen in (ListenAddress[])[ListenAddress.Usual with { Port = 0 }, new(IPAddress.Any, 0, null)])
        {
            var refused = await Assert.ThrowsAsync<RuleViolation>(
                () => ledger.StartAsync(ledger.Settings with { Listen = listen, ProxyUserHeader = Header }));
            Assert.Contains("--proxy-user-header X-Remote-User is refused on", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--listen unix:PATH", refused.Message, StringComparison.Ordinal);
        }
        await ledger.MakeAsync("heidi", AccessRoles.Reader);
        await using var server = await ledger.StartAsync(OnSocket);
        using var client = Client();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "heidi"));
    }

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_folder, "web.sock")), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new("http://lab.example/ldc/"),
    };

    private static HttpRequestMessage Request(string path, params string[] users)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var user in users)
            request.Headers.TryAddWithoutValidation(Header, user);
        return request;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, params string[] users)
    {
        using var request = Request("", users);
        using var answer = await client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
