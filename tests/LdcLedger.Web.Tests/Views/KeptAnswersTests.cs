using System.Text;
using LdcLedger.Domain.Access;
using LdcLedger.Ledger.Tests;
using LdcLedger.Web.Views;
using Xunit;

namespace LdcLedger.Web.Tests.Views;

/// <summary>Of many who look at the same, one is answered and the others get a copy; and nobody gets what is another's.</summary>
public sealed class KeptAnswersTests(TestLedger ledger) : IClassFixture<TestLedger>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_is_made_once_for_all_who_want_it_and_again_where_that_failed()
    {
        var (kept, made, gate) = (new KeptAnswers(), 0, new TaskCompletionSource());
        var all = Enumerable.Range(0, 50).Select(_ => kept.OfAsync("tag", MakeAsync, Cancellation)).ToList();
        gate.SetResult();
        var answers = await Task.WhenAll(all);
        Assert.Equal(1, made);
        Assert.All(answers, answer => Assert.Same(answers[0], answer));
        await Assert.ThrowsAsync<IOException>(() => kept.OfAsync("bad", () => throw new IOException("away"), Cancellation));
        Assert.Equal(3, (await kept.OfAsync("bad", () => Task.FromResult(new KeptAnswer(new byte[3], "x/y")), Cancellation)).Length);

        async Task<KeptAnswer> MakeAsync()
        {
            made++;
            await gate.Task;
            return new(new byte[10], "x/y");
        }
    }

    [Fact]
    public async Task Where_the_one_who_was_to_make_it_goes_away_another_does()
    {
        var kept = new KeptAnswers();
        using var gone = new CancellationTokenSource();
        var first = kept.OfAsync("tag", async () =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, gone.Token);
            return new(new byte[1], "x/y");
        }, gone.Token);
        var second = kept.OfAsync("tag", () => Task.FromResult(new KeptAnswer(new byte[2], "x/y")), Cancellation);
        Assert.False(second.IsCompleted);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(2, (await second).Length);
    }

    [Fact]
    public async Task Memory_has_an_end()
    {
        var (kept, made) = (new KeptAnswers(), 0);
        for (var i = 0; i < 100; i++)
            await kept.OfAsync($"{i}", MakeAsync, Cancellation);
        await kept.OfAsync("99", MakeAsync, Cancellation);
        Assert.Equal(100, made);
        await kept.OfAsync("0", MakeAsync, Cancellation);   // a hundred times a megabyte are not kept
        Assert.Equal(101, made);

        Task<KeptAnswer> MakeAsync()
        {
            made++;
            return Task.FromResult(new KeptAnswer(new byte[1 << 20], "x/y"));
        }
    }

    [Fact]
    public async Task A_page_names_who_looks_at_it_and_its_parts_name_nobody()
    {
        var ada = await ledger.MakeAsync("ada-of-the-lab", AccessRoles.Reader);
        var bob = await ledger.MakeAsync("bob-of-the-lab", AccessRoles.Operator);
        foreach (var path in (string[])["", $"studies/{ledger.Finished}", $"studies/{ledger.Finished}/rankings"])
        {
            Assert.Contains("ada-of-the-lab", await PageAsync(ada, path, isPart: false), StringComparison.Ordinal);
            var page = await PageAsync(bob, path, isPart: false);
            Assert.Contains("bob-of-the-lab", page, StringComparison.Ordinal);
            Assert.DoesNotContain("ada-of-the-lab", page, StringComparison.Ordinal);
            var part = await PageAsync(ada, path, isPart: true);
            Assert.DoesNotContain("of-the-lab", part, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_sees_one_study_up_to_a_position_gets_no_answer_that_was_made_for_others()
    {
        using var bound = ledger.Client(ledger.Bound);
        using var reader = ledger.Client(ledger.Reader);
        foreach (var path in (string[])[$"studies/{ledger.Finished}", $"api/v1/studies/{ledger.Finished}/root"])
        {
            var all = await reader.GetStringAsync(path, Cancellation);
            var some = await bound.GetStringAsync(path, Cancellation);
            Assert.NotEqual(all, some);
            Assert.Equal(some, await bound.GetStringAsync(path, Cancellation));
            Assert.Equal(all, await reader.GetStringAsync(path, Cancellation));
        }
    }

    [Fact]
    public async Task An_answer_is_the_same_compressed_and_not()
    {
        await ledger.RecordAsync([Samples.Study("compressed or not").Study]);
        using var plain = ledger.Operator();
        var page = await plain.GetByteArrayAsync($"studies/{ledger.Finished}", Cancellation);
        using var unpacking = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.GZip })
        {
            BaseAddress = ledger.Web.Url,
        };
        unpacking.DefaultRequestHeaders.Authorization = new("Bearer", ledger.Token.Text);
        Assert.Equal(
            Encoding.UTF8.GetString(page), await unpacking.GetStringAsync($"studies/{ledger.Finished}", Cancellation));
    }

    private async Task<string> PageAsync(string token, string path, bool isPart)
    {
        using var client = ledger.Client(token);
        if (isPart)
            client.DefaultRequestHeaders.Add("HX-Request", "true");
        return await client.GetStringAsync(path, Cancellation);
    }
}
