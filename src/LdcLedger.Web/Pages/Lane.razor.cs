using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Runs;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary>A bar of a lane, from left to right in thousandths of it.</summary>
/// <param name="Class">What it is drawn as.</param>
/// <param name="Words">What is told of it where the pointer is.</param>
public sealed record LaneBar(int Left, int Width, string Class, string Words);

/// <summary>Attempts as bars over time.</summary>
public sealed partial class Lane
{
    public const int Width = 1000;

    public const string FailedClass = "failed", LostClass = "lost";

    private static readonly string[] Worse = [LostClass, FailedClass];

    [Parameter, EditorRequired]
    public required IReadOnlyList<RunAttempt> Attempts { get; set; }

    /// <summary>Where the lane begins and ends; of lanes that stand below each other the same.</summary>
    [Parameter, EditorRequired]
    public required DateTimeOffset From { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset To { get; set; }

    /// <summary>What an attempt is drawn as, and what of.</summary>
    [Parameter, EditorRequired]
    public required Func<RunAttempt, (string Class, string Words)> Of { get; set; }

    /// <summary>What a reader who cannot see it is told.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>Where an attempt ends on the lane: one that goes on, where the lane does.</summary>
    public static DateTimeOffset EndOf(RunAttempt attempt, DateTimeOffset to) =>
        attempt.How == RunStatuses.Running && to > attempt.Began ? to
            : attempt.Began.AddSeconds(attempt.Seconds + (attempt.SilentSeconds ?? 0));

    private IReadOnlyList<LaneBar> Bars => BarsOf(Attempts, From, To, Of);

    /// <summary>However many there are, a lane has no more thin bars than places: of several at one place the worst is drawn.</summary>
    internal static IReadOnlyList<LaneBar> BarsOf(
        IReadOnlyList<RunAttempt> attempts, DateTimeOffset from, DateTimeOffset to, Func<RunAttempt, (string Class, string Words)> of)
    {
        var bars = new List<(LaneBar Bar, int More)>();
        foreach (var attempt in attempts)
        {
            var (kind, words) = of(attempt);
            var silent = attempt.SilentSeconds ?? 0;
            var end = EndOf(attempt, to);
            Add(attempt.Began, end.AddSeconds(-silent), kind, words);
            if (silent > 0)
                Add(end.AddSeconds(-silent), end, LostClass, FormattableString.Invariant($"{words}: silent for {silent:0.0} s"));
        }
        return [.. bars.Select(b => b.More == 0 ? b.Bar : b.Bar with { Words = $"{b.Bar.Words}, and {Plural.Of(b.More, "other")}" })];

        void Add(DateTimeOffset begun, DateTimeOffset ended, string kind, string words)
        {
            var left = Math.Min(Place(begun), Width - 1);
            var bar = new LaneBar(left, Math.Max(1, Place(ended) - left), kind, words);
            if (bars is not [.., var (last, more)] || last.Left != left || last.Width > 1 || bar.Width > 1)
                bars.Add((bar, 0));
            else
                bars[^1] = (Array.IndexOf(Worse, kind) > Array.IndexOf(Worse, last.Class) ? bar : last, more + 1);
        }

        int Place(DateTimeOffset at) => to <= from ? 0 : (int)Math.Clamp((at - from) / (to - from) * Width, 0, Width);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
