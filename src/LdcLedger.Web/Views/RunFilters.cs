using LdcLedger.Ledger.Views;

namespace LdcLedger.Web.Views;

/// <summary>Which runs an address chooses: by what they are, never by a list of them.</summary>
internal static class RunFilters
{
    public static readonly IReadOnlyList<string> Parameters =
        ["study", "model", "domain", "stage", "role", "status", "seed", "worker", "since", "until", "cursor", "limit"];

    /// <exception cref="NotThere">There is no such study.</exception>
    /// <exception cref="BadQuery">A number is none, or out of range.</exception>
    public static async Task<RunFilter> FilterAsync(this View view) => new(
        view["study"] is { } named ? await view.StudyIdAsync(named) : null, view["model"], view["domain"], (int?)view.Whole("stage", 0, 2),
        view["role"], view["status"], (int?)view.Whole("seed", int.MinValue, int.MaxValue), view["worker"],
        TimeOf(view, "since"), TimeOf(view, "until"));

    private static DateTimeOffset? TimeOf(View view, string parameter) => view.Moment(parameter) is not { } moment ? null
        : moment.Time ?? throw new BadQuery($"{parameter} is '{view[parameter]}'; it is a time, such as 2026-11-25T15:30:00Z.");

    /// <summary>Whether sums of norms are asked for by layer.</summary>
    /// <exception cref="BadQuery">They are asked for by something else.</exception>
    public static bool IsByLayer(this View view) => view["by"] switch
    {
        null or "projection" => false,
        "layer" => true,
        var other => throw new BadQuery($"by is '{other}'; it is projection or layer."),
    };
}
