using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Studies;
using LdcLedger.Specs.Resolution;
using Xunit;

namespace LdcLedger.Web.Tests.Access;

/// <summary>
/// A spec that is sent names files of the server: what others have made of that is to read files, or to learn of them. It may lead to
/// nothing but the folders that the server says.
/// </summary>
public sealed class SpecAttackTests : IClassFixture<TestLedger>, IAsyncLifetime
{
    private const string Inside = "golden-model", Corpus = "cpp.jsonl";

    private readonly TestLedger _ledger;
    private readonly string _folder = TestServer.Folder();
    private WebServer _web = null!;
    private HttpClient _client = null!;

    public SpecAttackTests(TestLedger ledger) => _ledger = ledger;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Root => Path.Combine(_folder, "a");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Root);
        Copy(Repository("infra/demo/models/tiny-llama"), Path.Combine(Root, Inside));
        await File.WriteAllLinesAsync(Path.Combine(Root, Corpus), Enumerable.Range(0, 60).Select(i =>
            $$"""{"prompt":"what is {{i}} and {{i}}","response":"it is {{2 * i}}, as everybody knows who has counted to {{i}}"}"""));
        _web = await _ledger.StartAsync(_ledger.Settings with { SpecRoots = () => SpecRoots.Of(Root) });
        _client = new() { BaseAddress = _web.Url };
        _client.DefaultRequestHeaders.Authorization = new("Bearer", await _ledger.MakeAsync($"ada {_folder[^6..]}", AccessRoles.Operator));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _web.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_spec_whose_paths_lie_where_they_may_is_submitted_by_whoever_sent_it_and_is_there_once()
    {
        var sent = Spec(Path.Combine(Root, Inside), Path.Combine(Root, Corpus));
        using var first = await _client.PostAsJsonAsync("api/v1/studies", new { spec = sent }, Cancellation);
        var text = await first.Content.ReadAsStringAsync(Cancellation);
        Assert.True(first.StatusCode == HttpStatusCode.Created, text);
        var receipt = JsonDocument.Parse(text).RootElement;
        using var again = await _client.PostAsJsonAsync("api/v1/studies", new { spec = sent }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(
            receipt.GetProperty("eventIds").GetRawText(),
            (await again.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("eventIds").GetRawText());
        await _ledger.CatchUpAsync();
        var place = first.Headers.Location!.OriginalString;
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(place, Cancellation)).StatusCode);
        var submitted = (StudySubmitted)(await _ledger.HistoryAsync(Guid.Parse(place[^36..])))[0].Fact!;
        Assert.StartsWith("ada ", submitted.By, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_folders_that_it_may_lead_to_none_is_taken_and_the_command_line_is_named()
    {
        await using var without = await _ledger.StartAsync(_ledger.Settings with { SpecRoots = () => SpecRoots.None });
        using var closed = new HttpClient { BaseAddress = without.Url };
        closed.DefaultRequestHeaders.Authorization = new("Bearer", _ledger.Token.Text);
        using var refused = await closed.PostAsJsonAsync("api/v1/studies", new { spec = Spec("/etc", "/etc/passwd") }, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Contains("ldc study submit SPEC", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Attack", "11")]
    [Trait("Attack", "29")]
    public async Task Nothing_outside_is_told_from_what_is_not_there_whichever_way_a_path_takes()
    {
        var outside = Path.Combine(_folder, "ab");   // begins like the folder, and is another
        Copy(Path.Combine(Root, Inside), Path.Combine(outside, Inside));
        File.CreateSymbolicLink(Path.Combine(Root, "link-to-folder"), outside);
        Directory.CreateSymbolicLink(Path.Combine(Root, "link-up"), _folder);
        File.CreateSymbolicLink(Path.Combine(Root, "passwd.jsonl"), "/etc/passwd");
        Copy(Path.Combine(Root, Inside), Path.Combine(Root, "model-with-link"));
        File.Delete(Path.Combine(Root, "model-with-link", "config.json"));
        File.CreateSymbolicLink(Path.Combine(Root, "model-with-link", "config.json"), Path.Combine(outside, Inside, "config.json"));
        File.CreateSymbolicLink(Path.Combine(Root, "loop"), Path.Combine(Root, "loop"));
        string[] models =
        [
            Path.Combine(outside, Inside), Path.Combine(_folder, "not-there"), "/", "/etc", "/root/.ssh", _folder,
            Path.Combine(Root, "link-to-folder", Inside), Path.Combine(Root, "link-up", "ab", Inside),
            Path.Combine(Root, "..", "ab", Inside), Path.Combine(Root, Inside, "..", "..", "ab", Inside),
            Path.Combine(Root, "model-with-link"), Path.Combine(Root, "loop"), $"{Root}/./../ab/{Inside}",
        ];
        var last = await _ledger.LastAsync();
        foreach (var model in models)
        {
            var detail = await RefusedAsync(Spec(model, Path.Combine(Root, Corpus)));
            // Of each the same, but for the path as it was sent.
            Assert.Equal($"spec:3:11: models[0].path: {SpecRoots.Sentence(model)}", detail);
        }
        foreach (var corpus in (string[])["/etc/passwd", Path.Combine(Root, "passwd.jsonl"), "/proc/self/environ", "/dev/zero"])
            Assert.Equal(
                $"spec:6:11: domains[0].path: {SpecRoots.Sentence(corpus)}", await RefusedAsync(Spec(Path.Combine(Root, Inside), corpus)));
        Assert.Equal(last, await _ledger.LastAsync());
    }

    [Fact]
    [Trait("Attack", "29")]
    public async Task Of_what_lies_inside_and_cannot_be_used_nothing_is_said_but_its_path()
    {
        const string secret = "hunter2-is-the-password";
        await File.WriteAllTextAsync(Path.Combine(Root, "secret.jsonl"), $$"""{"{{secret}}": 1}""", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(Root, "neighbour-of-the-corpus.jsonl"), "{}", Cancellation);
        foreach (var corpus in (string[])["secret.jsonl", "neighbour-of-the-corpse.jsonl"])
        {
            var path = Path.Combine(Root, corpus);
            var detail = await RefusedAsync(Spec(Path.Combine(Root, Inside), path));
            Assert.Equal(
                $"spec:6:11: domains[0].path: the corpus cpp at \"{path}\" cannot be used; "
                    + "`ldc study validate SPEC` on the server says why",
                detail);
        }
        var model = Path.Combine(Root, "broken-model");
        Directory.CreateDirectory(model);
        await File.WriteAllTextAsync(Path.Combine(model, "config.json"), $"{{\"{secret}\": ", Cancellation);
        var broken = await RefusedAsync(Spec(model, Path.Combine(Root, Corpus)));
        Assert.DoesNotContain(secret, broken, StringComparison.Ordinal);
        Assert.Contains($"the model tiny at \"{model}\" cannot be used", broken, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Attack", "13")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("https://evil.example/model")]
    [InlineData("file:///etc/passwd")]
    [InlineData("\\\\evil.example\\share\\model")]
    [InlineData("//evil.example/share")]
    [InlineData("ftp://evil.example")]
    [InlineData("models/tiny")]
    [InlineData("~/.ssh")]
    public async Task An_address_of_elsewhere_is_no_path_and_nobody_is_asked(string path)
    {
        var detail = await RefusedAsync(Spec(path, Path.Combine(Root, Corpus)));
        Assert.StartsWith("spec:3:11: models[0].path", detail, StringComparison.Ordinal);
        Assert.Contains(
            path.StartsWith('/') ? "does not lead to where" : "names files by their whole paths", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spec_is_looked_at_without_a_look_at_any_file()
    {
        using var reader = _ledger.Client(_ledger.Reader);
        var spec = Spec("/nowhere/Llama-3.2-1B", "/nowhere/cpp.jsonl");
        using var valid = await reader.PostAsJsonAsync("api/v1/specs:validate", new { spec }, Cancellation);
        var told = await valid.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(
            ["/nowhere/Llama-3.2-1B", "/nowhere/cpp.jsonl"],
            told.GetProperty("notChecked").EnumerateArray().Select(path => path.GetString()!));
        using var planned = await reader.PostAsJsonAsync("api/v1/specs:plan", new { spec }, Cancellation);
        var plan = await planned.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        var runs = plan.GetProperty("runs");
        Assert.Equal((1, 3), (runs.GetProperty("baselines").GetInt32(), runs.GetProperty("stage1").GetInt32()));
        var model = plan.GetProperty("models")[0];
        Assert.Equal(16, model.GetProperty("layers").GetInt32());
        Assert.Contains(model.GetProperty("kinds").EnumerateArray(), kind => kind.GetProperty("role").GetString() == "top-1-mlp");
        using var wrong = await reader.PostAsJsonAsync(
            "api/v1/specs:validate", new { spec = spec.Replace("rank", "rnk", StringComparison.Ordinal) }, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        var problem = await wrong.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Contains("rank", problem.GetProperty("findings")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(string spec)
    {
        using var answer = await _client.PostAsJsonAsync("api/v1/studies", new { spec }, Cancellation);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, problem.ToString());
        return problem.GetProperty("detail").GetString()!;
    }

    private static string Spec(string model, string corpus) => $$"""
        models:
          - name: tiny
            path: '{{model}}'
        domains:
          - name: cpp
            path: '{{corpus}}'
        data: { length: 32 }
        evaluation: { length: 32 }
        lora: { rank: 4 }
        stage2: { top: [1] }

        """;

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static string Repository(string path, [System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../..", path));
}
