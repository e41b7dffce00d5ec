using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>The dashboard as a user begins it: `ldc serve` on one machine, its links and tokens.</summary>
public sealed partial class WebVerbTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_on_one_machine_prints_a_link_that_signs_in_once_and_ends_with_SIGTERM_leaving_nothing_behind()
    {
        using var study = new SmallStudy();
        var port = Ldc.FreePort();
        using var serve = Start(study, "serve", "--listen", $"127.0.0.1:{port}");
        var link = Link().Match(await Ldc.LineAsync(serve, "Dashboard: ")).Value;
        using var browser = new HttpClient();
        Assert.Contains("No studies yet", await browser.GetStringAsync(link, Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await new HttpClient().GetAsync(link, Cancellation)).StatusCode);

        // Another, from another process; and one that finds the place taken.
        var again = await Ask(study, "web", "link");
        Assert.Equal(0, again.Code);
        Assert.Equal(HttpStatusCode.OK, (await new HttpClient().GetAsync(again.Out.Trim(), Cancellation)).StatusCode);
        var second = await Ask(study, "serve", "--listen", $"127.0.0.1:{port}");
        Assert.Equal(
            (2, $"ldc: Nothing can listen on 127.0.0.1:{port}: Address already in use. This ledger is shown at http://127.0.0.1:{port}/ "
                + "already (`ldc web link` signs in). `--listen ADDRESS:PORT` takes another address."), (second.Code, second.Err.Trim()));

        var token = (await Ask(study, "token", "add", "ada", "--role", "operator")).Out.Trim();
        Assert.Contains("\"operator\"", await SessionAsync(port, token), StringComparison.Ordinal);
        Assert.Contains("ada", (await Ask(study, "token", "list")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await Ask(study, "token", "revoke", "ada")).Code);
        Assert.Contains("Sign in first", await SessionAsync(port, token), StringComparison.Ordinal);
        Assert.DoesNotContain(token, (await Ask(study, "token", "list", "--json")).Out, StringComparison.Ordinal);

        using (Process.Start("kill", ["-TERM", serve.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await Ldc.ExitAsync(serve);
        Assert.Equal(0, serve.ExitCode);
        var gone = await Ask(study, "web", "link");
        Assert.Equal(1, gone.Code);
        Assert.Contains("No dashboard runs over", gone.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_is_one_sentence()
    {
        using var study = new SmallStudy();
        await Ask(study, "study", "list");
        foreach (var (line, says) in new[]
        {
            ("serve --listen 0.0.0.0:18123", "there is no token yet: `ldc token add NAME --role reader` makes one."),
            ("serve --listen 0.0.0.0:18123 --auth off", "--auth off is refused"),
            ("serve --listen here", "--listen is 'here'; it must be an address and a port, such as 127.0.0.1:8123"),
            ("serve --public-url ftp://lab", "--public-url is 'ftp://lab'; it must be a URL such as https://lab.example/ldc."),
            ("serve --auth maybe", "--auth is 'maybe'; it is on or off."),
            ("serve --proxy-user-header X-Remote-User", "--proxy-user-header X-Remote-User is refused on 127.0.0.1:8123"),
            ("serve --proxy-user-header X:Y", "--proxy-user-header is 'X:Y'; it is the name of a header, such as X-Remote-User."),
            ("serve --embed-from lab.example", "--embed-from is 'lab.example'; it is an origin: scheme, host and port"),
            ("serve --no-dashboard", "--no-dashboard leaves nothing to serve"),
            ("token add ada --role admin", "'admin' is not a known role; allowed are reader, operator."),
            ("token add ada --at 3", "--at is a position of a study; it goes with --study."),
            ("token add ada --expires soon", "--expires is 'soon'; it is a number and m, h or d, such as 30d."),
            ("token add ada --study nowhere", "There is no study 'nowhere'"),
        })
            await RefusedAsync(line, says);
        await Ask(study, "token", "add", "somebody");
        await RefusedAsync("token revoke nobody", "There is no token 'nobody' in force");

        async Task RefusedAsync(string line, string says)
        {
            var call = await Ask(study, line.Split(' '));
            Assert.Equal((2, ""), (call.Code, call.Out));
            Assert.Contains(says, call.Err, StringComparison.Ordinal);
            Assert.Single(call.Err.Trim().Split('\n'));
        }
    }

    private static Task<Call> Ask(SmallStudy study, params string[] arguments) =>
        study.With(Settings(study), arguments);

    private static Process Start(SmallStudy study, params string[] arguments) => Ldc.Start(study["."], Settings(study), arguments);

    // No server is named, not even half a cluster.
    private static Dictionary<string, string> Settings(SmallStudy study) =>
        new(study.Settings) { ["LDC_RABBITMQ"] = "", ["LDC_LISTEN"] = "", ["LDC_PUBLIC_URL"] = "" };

    private static async Task<string> SessionAsync(int port, string token)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync($"http://127.0.0.1:{port}/api/v1/session", Cancellation);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }

    [GeneratedRegex(@"http://\S+")]
    private static partial Regex Link();
}
