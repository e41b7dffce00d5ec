using LdcLedger.Cli.Terminal;
using LdcLedger.Worker.Progress;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LdcLedger.Cli.Studies;

/// <summary>
/// Shows a <see cref="StudyBoard"/> on stderr while work goes on: on a terminal an overall bar and a line per run, elsewhere a plain
/// line per ended run and, in long silences, one that says how far it is.
/// </summary>
internal static class StudyDisplay
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(60);

    public static Task<T> WhileAsync<T>(StudyBoard board, TimeProvider time, Func<Task<T>> work) =>
        Screen.ShowsProgress ? OnTerminalAsync(board, time, work) : PlainAsync(board, time, work);

    private static async Task<T> OnTerminalAsync<T>(StudyBoard board, TimeProvider time, Func<Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        // What is wrong with a run stays on the screen; what went well is in the bar.
        var misfortunes = new Queue<string>();
        board.RunEnded += (line, isBad) =>
        {
            if (isBad)
                lock (misfortunes)
                    misfortunes.Enqueue(line);
        };
        return await console.Live(new Text("")).AutoClear(true).StartAsync(async live =>
        {
            var working = work();
            using var tick = new PeriodicTimer(RefreshInterval, time);
            while (!working.IsCompleted)
            {
                live.UpdateTarget(Picture(board, console.Profile.Width));
                lock (misfortunes)
                    while (misfortunes.TryDequeue(out var line))
                        console.WriteLine(line);
                live.Refresh();
                await Task.WhenAny(working, tick.WaitForNextTickAsync().AsTask());
            }
            return await working;
        });
    }

    private static IRenderable Picture(StudyBoard board, int width)
    {
        var (planned, ended, done, elapsed, left, active) = board.Snapshot();
        var wide = Math.Clamp(width - 60, 10, 40);
        var grid = new Grid { Expand = false };
        grid.AddColumn(new GridColumn().NoWrap().PadLeft(0)).AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap());
        grid.AddRow(
            new Text($"{ended} of {planned} runs", new Style(decoration: Decoration.Bold)), Bar(done, wide, Color.Green),
            new Text($"{done * 100:0} %  {StudyBoard.Span(elapsed)}{(left is { } l ? $", {StudyBoard.Span(l)} left" : "")}"));
        foreach (var run in active)
            grid.AddRow(
                new Text(board.Title(run.Run)), Bar(run.Steps > 0 ? (double)run.Step / run.Steps : 0, wide, Color.Blue),
                new Text(run.Phase == RunPhase.Training && run.Steps > 0
                    ? $"{run.Step}/{run.Steps}  {StudyBoard.Numbers(run)}"
                    : StudyBoard.Numbers(run)));
        return grid;
    }

    private static Markup Bar(double share, int width, Color colour)
    {
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * width);
        return new Markup($"[{colour.ToMarkup()}]{new string('━', full)}[/][grey]{new string('━', width - full)}[/]");
    }

    private static async Task<T> PlainAsync<T>(StudyBoard board, TimeProvider time, Func<Task<T>> work)
    {
        var last = time.GetTimestamp();
        board.RunEnded += (line, _) =>
        {
            Interlocked.Exchange(ref last, time.GetTimestamp());
            Screen.Say(line);
        };
        var working = work();
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (!working.IsCompleted)
        {
            await Task.WhenAny(working, tick.WaitForNextTickAsync().AsTask());
            if (time.GetElapsedTime(Interlocked.Read(ref last)) < SilenceTimeout)
                continue;
            Interlocked.Exchange(ref last, time.GetTimestamp());
            var (planned, ended, done, elapsed, left, active) = board.Snapshot();
            Screen.Say($"[{ended}/{planned}] {done * 100:0} % after "
                + $"{StudyBoard.Span(elapsed)}{(left is { } l ? $", {StudyBoard.Span(l)} left" : "")}"
                + string.Concat(active.Select(run => $"; {board.Title(run.Run)}: step {run.Step}/{run.Steps}, {StudyBoard.Numbers(run)}")));
        }
        return await working;
    }
}
