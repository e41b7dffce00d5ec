using System.Net;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Api;
using LdcLedger.Web.Pages;
using Xunit;

namespace LdcLedger.Web.Tests.Views;

/// <summary>What was shown of a position is shown of it for ever, to the byte, whatever happens since.</summary>
public sealed class FrozenTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IReadOnlyList<string> Patterns =>
    [
        .. ledger.Web.Routes.Select(route => route.Metadata.GetMetadata<PageRoute>()).OfType<PageRoute>()
            .Where(page => page.Query.Contains("at") && !page.Pattern.Contains("{event}")).Select(page => page.Pattern),
        // An event's page proves it under the newest seal. Figures are the report's files, which it has by their names.
        .. ledger.Web.Routes.Select(route => route.Metadata.GetMetadata<ApiRoute>()).OfType<ApiRoute>()
            .Where(route => route.Method == "GET" && route.Query.Any(q => q.Name == "at") && !route.Pattern.Contains("{figure}"))
            .Select(route => ApiEndpoints.Root + route.Pattern),
    ];

    [Fact]
    public async Task Every_page_and_answer_of_a_study_or_run_is_the_same_before_and_after_it_goes_on()
    {
        var of = Patterns.Where(pattern => pattern.Contains('{', StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(of);
        using var client = ledger.Operator();
        var (study, runs) = Samples.Study("open");
        var facts = runs.SelectMany(run => Samples.Whole(run)).ToList();
        await ledger.RecordAsync([.. facts.Take(15)]);
        var before = new Dictionary<string, byte[]>();
        foreach (var path in of.SelectMany(pattern => (string[])[Address(pattern, 12), Address(pattern, 3)]))
            before[path] = await BytesAsync(client, path);
        await ledger.RecordAsync([.. facts.Take(40), new Domain.Studies.StudyNamed(study.StudyId, 1, "renamed")]);
        await using var another = await ledger.StartAsync(new(Web.Access.ListenAddress.Usual with { Port = 0 }));   // that has kept nothing
        using var fresh = new HttpClient { BaseAddress = another.Url };
        fresh.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Token.Text);
        foreach (var (path, bytes) in before)
        {
            Assert.Equal(bytes, await BytesAsync(client, path));
            var now = await BytesAsync(fresh, path);
            Assert.True(bytes.SequenceEqual(now), $"{path} is another one now.");
        }
    }

    [Fact]
    public async Task Its_tag_stays_and_answers_without_it()
    {
        using var client = ledger.Operator();
        using var first = await client.GetAsync($"studies/{ledger.Finished}?at=5", Cancellation);
        await ledger.RecordAsync([Samples.Study("happens meanwhile").Study]);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"studies/{ledger.Finished}?at=5");
        again.Headers.TryAddWithoutValidation("If-None-Match", first.Headers.ETag!.ToString());
        using var second = await client.SendAsync(again, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task What_a_name_means_may_change_and_is_asked_again()
    {
        using var client = ledger.Operator();
        var (one, _) = Samples.Study("named the same", domains: 1);
        await ledger.RecordAsync([one]);
        Assert.Contains(one.StudyId.ToString(), await client.GetStringAsync("api/v1/studies/named%20the%20same/root?at=1", Cancellation),
            StringComparison.Ordinal);
        var (two, _) = Samples.Study("named the same", domains: 2);
        await ledger.RecordAsync([two]);
        Assert.Contains(two.StudyId.ToString(), await client.GetStringAsync("api/v1/studies/named%20the%20same/root?at=1", Cancellation),
            StringComparison.Ordinal);
    }

    private string Address(string pattern, int at) => pattern.TrimStart('/')
        .Replace("{study}", $"{ledger.Open}", StringComparison.Ordinal)
        .Replace("{format}", "json", StringComparison.Ordinal)
        .Replace("{run}", $"{ledger.FirstRun}", StringComparison.Ordinal) + $"?at={at}";

    private static async Task<byte[]> BytesAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        return await answer.Content.ReadAsByteArrayAsync(Cancellation);
    }
}
