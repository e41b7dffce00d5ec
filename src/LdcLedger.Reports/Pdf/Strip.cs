namespace LdcLedger.Reports.Pdf;

/// <summary>
/// A piece of the report as wide as the page, which no page break divides: a line, a row, a figure. Blocks become strips, strips pages.
/// </summary>
/// <param name="height">Of what it draws, in points.</param>
internal sealed class Strip(float height, Action<PdfPage, StripPlace> draw)
{
    /// <summary>A page ends after such a strip only where nothing else is possible.</summary>
    public const float Tight = 10_000;

    public float Height => height;

    /// <summary>Free space over it; none where it begins a page.</summary>
    public float Above { get; set; }

    /// <summary>By how much it can be made lower so that more fits a page.</summary>
    public float Give { get; init; }

    /// <summary>What it costs to end a page after it; 0 = nothing, an empty third of a page = 11.</summary>
    public float Tie { get; set; }

    /// <summary>What a page repeats over it where it begins the page: a table's header.</summary>
    public Strip? Resumed { get; init; }

    /// <summary>The place that it is, for contents, links and bookmarks.</summary>
    public StripTitle? Title { get; init; }

    public void Draw(PdfPage page, StripPlace place) => draw(page, place);
}

/// <param name="Level">1 or more for a heading; 0 for a table, a figure or an equation.</param>
internal sealed record StripTitle(string Anchor, string Title, int Level);

/// <param name="Y">Upper edge, from the top of the page.</param>
/// <param name="Height">What it gets: its own, or less by what it gives.</param>
/// <param name="IsFirst">It begins the page, except for what the page repeats.</param>
/// <param name="IsLast">It ends the page.</param>
internal readonly record struct StripPlace(float Y, float Height, bool IsFirst, bool IsLast);

/// <summary>A page's strips.</summary>
/// <param name="End">The first strip of the next page.</param>
/// <param name="Lowered">Share of what its strips can give that they give: 0 to 1.</param>
internal readonly record struct PageOfStrips(int Start, int End, float Lowered);

/// <summary>
/// Chooses where pages end: of all ways to fill them, the one whose empty space, ties cut and last page together cost least.
/// </summary>
internal static class PageBreaks
{
    // A last page with less than this looks like a mistake.
    private const float LeastOfLastPage = 0.25f;

    /// <param name="room">Height of a page.</param>
    public static IReadOnlyList<PageOfStrips> Of(IReadOnlyList<Strip> strips, float room)
    {
        var cost = new double[strips.Count + 1];
        var start = new int[strips.Count + 1];
        for (var end = 1; end <= strips.Count; end++)
        {
            cost[end] = double.PositiveInfinity;
            var (height, give) = (0f, 0f);
            for (var i = end - 1; i >= 0; i--)
            {
                height += strips[i].Height + (i + 1 < end ? strips[i + 1].Above : 0);
                give += strips[i].Give;
                if (height - give > room && i < end - 1)
                    break;
                var whole = height + (strips[i].Resumed?.Height ?? 0);
                if (whole - give > room && i < end - 1)
                    continue;
                var tie = end < strips.Count ? strips[end - 1].Tie : 0;
                var ways = cost[i] + CostOf(whole, give, room, end == strips.Count, start: i) + tie;
                if (ways < cost[end])
                    (cost[end], start[end]) = (ways, i);
            }
        }
        var pages = new List<PageOfStrips>();
        for (var end = strips.Count; end > 0; end = start[end])
            pages.Add(new(start[end], end, Lowered(strips, start[end], end, room)));
        pages.Reverse();
        return pages;
    }

    private static double CostOf(float height, float give, float room, bool isLast, int start)
    {
        var free = (room - height) / room;
        if (free < 0)
        {
            var given = give > 0 ? (height - room) / give : 0;
            return 6 * given * given;
        }
        if (!isLast)
            return 100 * free * free;
        var lacking = LeastOfLastPage - (1 - free);
        return start > 0 && lacking > 0 ? 8 + 64 * lacking : 0;
    }

    private static float Lowered(IReadOnlyList<Strip> strips, int start, int end, float room)
    {
        var (height, give) = (strips[start].Resumed?.Height ?? 0, 0f);
        for (var i = start; i < end; i++)
        {
            height += strips[i].Height + (i > start ? strips[i].Above : 0);
            give += strips[i].Give;
        }
        return height > room && give > 0 ? Math.Min(1, (height - room) / give) : 0;
    }
}
