using System.Collections.Immutable;

namespace LdcLedger.Ledger.Views;

/// <summary>How far behind the read models were in a stretch of time, at the worst of the looks in it.</summary>
public sealed record LagStretch(DateTimeOffset Begins, TimeSpan Worst);

/// <summary>
/// How the read models followed the ledger lately, as far as this process has looked: some stretches of time, and whether they stand still.
/// </summary>
public sealed record LagTrend
{
    /// <summary>So long is a stretch, and so many are kept: half an hour.</summary>
    public static readonly TimeSpan Stretch = TimeSpan.FromSeconds(10);

    public const int MostStretches = 180;

    /// <summary>Being behind for so long without a step is standing still.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static readonly LagTrend None = new();

    private long _position = -1;
    private DateTimeOffset? _since;

    /// <summary>Those in which somebody looked, the oldest first.</summary>
    public ImmutableList<LagStretch> Stretches { get; private init; } = [];

    /// <summary>Since when the read models have not moved though there are events for them; null: they follow.</summary>
    public DateTimeOffset? StillSince { get; private init; }

    /// <summary>The next state.</summary>
    public LagTrend Seen(LedgerState state, DateTimeOffset at)
    {
        var lag = state.Lag ?? TimeSpan.Zero;
        var begins = new DateTimeOffset(at.UtcTicks - at.UtcTicks % Stretch.Ticks, TimeSpan.Zero);
        var stretches = Stretches is [.., var last] && last.Begins == begins
            ? lag > last.Worst ? Stretches.SetItem(Stretches.Count - 1, new(begins, lag)) : Stretches
            : Stretches.Add(new(begins, lag));
        var first = begins - MostStretches * Stretch;
        if (stretches[0].Begins <= first)
            stretches = stretches.RemoveAll(stretch => stretch.Begins <= first);
        var since = state.Lag is null ? (DateTimeOffset?)null : _since is { } known && state.Position == _position ? known : at;
        return new()
        {
            Stretches = stretches, _position = state.Position, _since = since,
            StillSince = since is { } still && at - still >= Patience ? still : null,
        };
    }
}
