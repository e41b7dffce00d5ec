using LdcLedger.Domain;
using LdcLedger.Ledger.Views;

namespace LdcLedger.Web.Views;

/// <summary>Which runs an address chooses: by what they are, or one by one.</summary>
internal static class RunFilters
{
    public static readonly IReadOnlyList<string> Parameters =
        [View.ChosenRun, "study", "model", "domain", "stage", "role", "status", "seed", "worker", "since", "until", "cursor", "limit"];

    private const int MostChosen = 200;

    // So long that two runs of a ledger hardly ever begin alike, and so short that an address holds those of a whole page.
    private const int ShortId = 12;

    /// <summary>How an address names a run that is chosen.</summary>
    public static string NameOf(Guid run) => run.ToString("N")[..ShortId];

    /// <exception cref="NotThere">There is no such study, or no such run.</exception>
    /// <exception cref="BadQuery">A number is none, or out of range.</exception>
    public static async Task<RunFilter> FilterAsync(this View view) => new(
        view["study"] is { } named ? await view.StudyIdAsync(named) : null, view["model"], view["domain"], (int?)view.Whole("stage", 0, 2),
        view["role"], view["status"], (int?)view.Whole("seed", int.MinValue, int.MaxValue), view["worker"],
        TimeOf(view, "since"), TimeOf(view, "until"), await ChosenAsync(view));

    private static async Task<IReadOnlyList<Guid>?> ChosenAsync(View view)
    {
        if (!view.Request.Query.ContainsKey(View.ChosenRun))
            return null;
        var chosen = view.Chosen;
        // A form without a tick: all runs there are would be another answer.
        if (chosen.Count == 0)
            throw new BadQuery($"{View.ChosenRun} names no run: tick those that are to be compared.");
        if (chosen.Count > MostChosen)
            throw new BadQuery($"{View.ChosenRun} names {chosen.Count} runs; at most {MostChosen} are chosen one by one, and filters "
                + "choose any number.");
        try
        {
            return await view.Ledger.FindRunsAsync(chosen, view.Cancellation);
        }
        catch (RuleViolation none)
        {
            throw new NotThere(none.Message);
        }
    }

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
