using LdcLedger.Worker.Runs;
using Xunit;

namespace LdcLedger.Worker.Tests;

public sealed class CheckpointRhythmTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    /// <summary>A GB of projections with both moments takes a minute on a slow disk, the adapter of a demo some milliseconds.</summary>
    [Theory]
    [InlineData(0.004)]
    [InlineData(1.5)]
    [InlineData(4)]
    [InlineData(60)]
    public void Writing_takes_under_5_percent_of_the_time_however_long_one_takes(double seconds)
    {
        var (time, written) = Train(TimeSpan.FromHours(12), TimeSpan.FromSeconds(seconds), bytes: (long)(seconds * 200e6));

        Assert.NotEmpty(written);
        Assert.InRange(written.Count * seconds / time.TotalSeconds, 0, 0.05);
    }

    [Fact]
    public void Where_writing_is_quick_a_killed_run_loses_the_interval_at_most()
    {
        var (_, written) = Train(TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(4), bytes: 1_000_000);

        Assert.All(written.Zip(written.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalSeconds, 60, 61.1));
    }

    [Fact]
    public void A_disk_that_proves_slower_than_was_assumed_is_asked_less_often()
    {
        // By their bytes they would take 50 ms.
        var (_, written) = Train(TimeSpan.FromHours(2), TimeSpan.FromSeconds(30), bytes: 10_000_000);

        Assert.InRange((written[1] - written[0]).TotalSeconds, 20 * 30, 20 * 30 + 32);
    }

    /// <summary>Steps of a second each, and what a rhythm asks for between them.</summary>
    private static (TimeSpan Took, IReadOnlyList<TimeSpan> Written) Train(TimeSpan steps, TimeSpan write, long bytes)
    {
        var time = new MovedTime();
        var rhythm = new CheckpointRhythm(Interval, bytes, time);
        List<TimeSpan> written = [];
        for (var step = 0; step < steps.TotalSeconds; step++)
        {
            time.Passed += TimeSpan.FromSeconds(1);
            if (!rhythm.IsDue) continue;
            rhythm.Writing(() =>
            {
                time.Passed += write;
                return "checkpoint";
            });
            written.Add(time.Passed);
        }
        return (time.Passed, written);
    }

    private sealed class MovedTime : TimeProvider
    {
        public TimeSpan Passed { get; set; }
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
        public override long GetTimestamp() => Passed.Ticks;
    }
}
