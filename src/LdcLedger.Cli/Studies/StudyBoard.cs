using System.Globalization;
using LdcLedger.Domain.Runs;
using LdcLedger.Worker.Progress;

namespace LdcLedger.Cli.Studies;

/// <summary>
/// What a running study shows of itself: how much is done, and what every run of this process does. Any thread may tell it news.
/// </summary>
internal sealed class StudyBoard
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, RunNews> _active = [];
    private readonly TimeProvider _time;
    private readonly bool _showSeeds;
    private readonly long _begun;
    private readonly HashSet<Guid> _ended;
    private readonly int _endedBefore;
    private int _planned;

    /// <param name="planned">Runs that the study is expected to have in all.</param>
    /// <param name="ended">Of these, the ones that had ended before.</param>
    public StudyBoard(int planned, IEnumerable<Guid> ended, bool showSeeds, TimeProvider time)
    {
        (_planned, _ended, _showSeeds, _time) = (planned, [.. ended], showSeeds, time);
        _endedBefore = _ended.Count;
        _begun = time.GetTimestamp();
    }

    /// <summary>A run has ended, with the line that says so; and whether that line is bad news. Called outside the lock.</summary>
    public event Action<string, bool>? RunEnded;

    /// <summary>Something a person should know that belongs to no single run's end.</summary>
    public void Say(string sentence) => RunEnded?.Invoke(sentence, true);

    public void Tell(RunNews news)
    {
        string? line = null;
        lock (_gate)
        {
            if (news.Phase != RunPhase.Ended)
                _active[news.Run.RunId] = news;
            else if (_active.Remove(news.Run.RunId) && news.Outcome is { } outcome && outcome != RunNews.Released)
            {
                _ended.Add(news.Run.RunId);
                line = $"[{_ended.Count}/{_planned}] {EndLine(news)}";
            }
        }
        if (line is not null)
            RunEnded?.Invoke(line, news.Outcome != RunStatuses.Completed);
    }

    /// <summary>What the ledger knows: how many runs there will be, and which have ended, here or elsewhere.</summary>
    public void Correct(int plannedNow, IEnumerable<Guid> endedNow)
    {
        lock (_gate)
        {
            _planned = plannedNow;
            _ended.UnionWith(endedNow);
        }
    }

    /// <summary>Whether a run of this process is still to say how it ended.</summary>
    public bool IsActive
    {
        get
        {
            lock (_gate)
                return _active.Count > 0;
        }
    }

    public (int Planned, int Ended, double Done, TimeSpan Elapsed, TimeSpan? Left, IReadOnlyList<RunNews> Active) Snapshot()
    {
        lock (_gate)
        {
            var elapsed = _time.GetElapsedTime(_begun);
            var runs = _active.Values.OrderBy(r => r.Run.Model, StringComparer.Ordinal)
                .ThenBy(r => r.Run.Domain, StringComparer.Ordinal).ThenBy(r => r.Run.Role, StringComparer.Ordinal).ToList();
            var done = _ended.Count + runs.Sum(r => r.Steps > 0 ? (double)r.Step / r.Steps : 0);
            var here = done - _endedBefore;
            TimeSpan? left = here >= 1 && elapsed > TimeSpan.FromSeconds(2) ? elapsed * ((_planned - done) / here) : null;
            return (_planned, _ended.Count, _planned == 0 ? 0 : Math.Min(1, done / _planned), elapsed, left, runs);
        }
    }

    public string Title(RunPlanned run) => RunTitle.Of(run.Model, run.Domain, run.Role, _showSeeds ? run.Seed : null);

    /// <summary><c>step loss 3.412  5,120 tokens/s  8 s left</c>, or what else the run is at.</summary>
    public static string Numbers(RunNews run) => run.Phase switch
    {
        RunPhase.Preparing => "preparing",
        RunPhase.Evaluating => "evaluating",
        RunPhase.Ended => run.Outcome ?? "ended",
        RunPhase.Training => string.Join("  ", new[]
        {
            run.StepLossNats is { } loss ? $"step loss {loss.ToString("0.000", CultureInfo.InvariantCulture)}" : "starting",
            run.TokensPerSecond is { } rate ? $"{rate.ToString("N0", CultureInfo.InvariantCulture)} tokens/s" : "",
            run.Left is { } left ? $"{Span(left)} left" : "",
        }.Where(part => part.Length > 0)),
    };

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 100 } => $"{Math.Max(0, (int)Math.Round(span.TotalSeconds))} s",
        { TotalMinutes: < 100 } => $"{(int)Math.Round(span.TotalMinutes)} min",
        _ => $"{span.TotalHours.ToString("0.0", CultureInfo.InvariantCulture)} h",
    };

    private string EndLine(RunNews run)
    {
        var numbers = new[]
        {
            run.Outcome == RunStatuses.Completed ? "" : run.Outcome!,
            run.TrainLossNats is { } loss ? $"loss {loss.ToString("0.000", CultureInfo.InvariantCulture)}" : "",
            run.Perplexity is { } ppl ? $"PPL {ppl.ToString("0.00", CultureInfo.InvariantCulture)}" : "",
            run.TokensPerSecond is { } rate ? $"{rate.ToString("N0", CultureInfo.InvariantCulture)} tokens/s" : "",
            run.Worked is { } worked ? $"{worked.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s" : "",
        };
        return $"{Title(run.Run)}: {string.Join(", ", numbers.Where(n => n.Length > 0))}";
    }
}
