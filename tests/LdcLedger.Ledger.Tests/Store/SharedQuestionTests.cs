using LdcLedger.Ledger.Store;
using Xunit;

namespace LdcLedger.Ledger.Tests.Store;

[Trait("Needs", "nothing")]
public sealed class SharedQuestionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_while_it_is_asked_shares_the_next_answer_and_gets_none_that_is_older_than_the_question()
    {
        var asked = new List<TaskCompletionSource<int>>();
        var question = new SharedQuestion<int>(() =>
        {
            asked.Add(new(TaskCreationOptions.RunContinuationsAsynchronously));
            return asked[^1].Task;
        });
        var first = question.AskAsync(Cancellation);
        var others = Enumerable.Range(0, 100).Select(_ => question.AskAsync(Cancellation)).ToList();
        asked[0].SetResult(1);
        Assert.Equal(1, await first);
        while (asked.Count < 2)
            await Task.Yield();
        asked[1].SetResult(2);
        Assert.All(await Task.WhenAll(others), answer => Assert.Equal(2, answer));
        Assert.Equal(2, asked.Count);
        var later = question.AskAsync(Cancellation);
        Assert.Equal(3, asked.Count);
        asked[2].SetException(new IOException("away"));
        await Assert.ThrowsAsync<IOException>(() => later);
        var again = question.AskAsync(Cancellation);
        asked[3].SetResult(4);
        Assert.Equal(4, await again);
    }

    [Fact]
    public async Task Who_goes_away_takes_no_answer_from_the_others()
    {
        var asked = new TaskCompletionSource<int>();
        var question = new SharedQuestion<int>(() => asked.Task);
        using var gone = new CancellationTokenSource();
        var (mine, other) = (question.AskAsync(gone.Token), question.AskAsync(Cancellation));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mine);
        asked.SetResult(1);
        Assert.Equal(1, await other);
    }
}
