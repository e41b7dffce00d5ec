using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.RegularExpressions;

namespace LdcLedger.Bench.Dashboards;

/// <summary>
/// How long it takes until those who look at a study see what was recorded: each holds the page's line, and when it says that something has
/// moved asks for the page's part again, not more often than the page does.
/// </summary>
internal sealed partial class LiveDelay(IReadOnlyList<HttpClient> viewers, LiveStudy study, TimeProvider time)
{
    // As the page's own trigger has it.
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan SightTimeout = TimeSpan.FromSeconds(30);

    /// <param name="events">So many are recorded, one after another has been seen by all, at moments that fit no rhythm.</param>
    /// <returns>
    /// Milliseconds from before the append until the line said so, and until the page had the number, of every viewer and event.
    /// </returns>
    public async Task<(IReadOnlyList<double> Moved, IReadOnlyList<double> Visible)> MeasureAsync(int events, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var looking = viewers.Select(viewer => new Looking(viewer, study, time)).ToList();
        var tasks = looking.Select(one => Task.Run(() => one.FollowAsync(end.Token), cancellation)).ToList();
        var (moved, visible, pause) = (new List<double>(), new List<double>(), new Random(1));
        await Task.WhenAll(looking.Select(one => one.Sees(study.Position).WaitAsync(SightTimeout, time, cancellation)));
        for (var i = 0; i < events; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100 + pause.Next(900)), time, cancellation);
            var (begun, wanted) = (time.GetTimestamp(), looking.Select(one => one.Sees(study.Position + 1)).ToList());
            await study.RecordAsync(cancellation);
            await Task.WhenAll(wanted).WaitAsync(SightTimeout, time, cancellation);
            visible.AddRange(wanted.Select(seen => time.GetElapsedTime(begun, seen.Result).TotalMilliseconds));
            // One who was just asking may have seen it before the line said so.
            moved.AddRange(looking.Zip(wanted, (one, seen) =>
                time.GetElapsedTime(begun, one.Told > begun ? one.Told : seen.Result).TotalMilliseconds));
        }
        await end.CancelAsync();
        await Task.WhenAll(tasks);
        return (moved, visible);
    }

    /// <summary>One who looks at the study's page.</summary>
    private sealed class Looking(HttpClient viewer, LiveStudy study, TimeProvider time)
    {
        private readonly Lock _lock = new();
        private readonly List<(long Position, TaskCompletionSource<long> Seen)> _wanted = [];
        private long _position;
        private int _isWaiting;

        /// <summary>When the line last said that something has moved.</summary>
        public long Told { get; private set; }

        /// <summary>When the page first had a position, or one after it.</summary>
        public Task<long> Sees(long position)
        {
            var seen = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
                if (_position >= position)
                    seen.SetResult(time.GetTimestamp());
                else
                    _wanted.Add((position, seen));
            return seen.Task;
        }

        public async Task FollowAsync(CancellationToken cancellation)
        {
            try
            {
                await using var line = await viewer.GetStreamAsync($"live?study={study.Id}", cancellation);
                var pause = Task.CompletedTask;
                await foreach (var item in SseParser.Create(line).EnumerateAsync(cancellation))
                {
                    if (item.EventType != "moved")
                        continue;
                    Told = time.GetTimestamp();
                    if (pause.IsCompleted)
                        (pause, _) = (Task.Delay(AskInterval, time, cancellation), AskAsync(cancellation));
                    else if (Interlocked.Exchange(ref _isWaiting, 1) == 0)
                        _ = AskAfterAsync(pause, cancellation);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // Enough.
            }
        }

        // Whatever is told until it asks is in what it gets.
        private async Task AskAfterAsync(Task pause, CancellationToken cancellation)
        {
            await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Exchange(ref _isWaiting, 0);
            await AskAsync(cancellation);
        }

        private async Task AskAsync(CancellationToken cancellation)
        {
            try
            {
                await TakeAsync(cancellation);
            }
            catch (Exception cause) when (!cancellation.IsCancellationRequested)
            {
                lock (_lock)
                    foreach (var (_, seen) in _wanted)
                        seen.TrySetException(cause);
            }
        }

        private async Task TakeAsync(CancellationToken cancellation)
        {
            using var part = new HttpRequestMessage(HttpMethod.Get, $"studies/{study.Id}");
            part.Headers.Add("HX-Request", "true");
            using var answer = await viewer.SendAsync(part, cancellation);
            var page = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellation);
            var digits = new string([.. Position().Match(page).Groups[1].Value.Where(char.IsAsciiDigit)]);
            lock (_lock)
            {
                _position = Math.Max(_position, long.Parse(digits, CultureInfo.InvariantCulture));
                foreach (var (_, seen) in _wanted.Where(w => w.Position <= _position))
                    seen.TrySetResult(time.GetTimestamp());
                _wanted.RemoveAll(w => w.Position <= _position);
            }
        }
    }

    [GeneratedRegex(@"<dt>Position</dt><dd>(.*?), of ", RegexOptions.Singleline)]
    private static partial Regex Position();
}
