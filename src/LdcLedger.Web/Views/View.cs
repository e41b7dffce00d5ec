using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Studies;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Replay;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Views;
using LdcLedger.Specs;
using LdcLedger.Web.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace LdcLedger.Web.Views;

/// <summary>A study, as a page or an answer shows it.</summary>
/// <param name="Facts">All that can be said of it; of its norms only what was asked for.</param>
/// <param name="Told">With its status told by the leases of this moment; of an earlier one, as it is stored.</param>
/// <param name="Moment">The moment that is shown; null: it is live.</param>
public sealed record ShownStudy(StudyFacts Facts, ToldStudy Told, StudyMoment? Moment)
{
    public StudySummary Study => Told.Study;

    public Guid Id => Told.Study.Id;

    public CitedStudy Cited => new(Study, Facts.Position, Facts.Root, Facts.AsOf, Moment);
}

/// <summary>A study, as a page of something of it names and cites it: nothing that was measured is read for that.</summary>
/// <param name="Position">Number of its events.</param>
/// <param name="Root">RFC 6962 root over them, lower-case hexadecimal.</param>
/// <param name="AsOf">Time of the last of them.</param>
/// <param name="Moment">The moment that is shown; null: it is live.</param>
public sealed record CitedStudy(StudySummary Study, long Position, string Root, DateTimeOffset AsOf, StudyMoment? Moment)
{
    public Guid Id => Study.Id;
}

/// <summary>What was asked for is not there, or not for whoever asks.</summary>
public sealed class NotThere(string message) : Exception(message);

/// <summary>The address says something that is not understood.</summary>
public sealed class BadQuery(string message) : Exception(message);

/// <summary>
/// One request for a page or an answer: who asks, of which moment, what was chosen (all of it stands in the address), and the ledger to
/// ask.
/// </summary>
public sealed class View
{
    private readonly HttpContext _context;

    private View(HttpContext context, LedgerViews ledger, LedgerRules rules, LedgerState state, Viewer viewer)
    {
        (_context, Ledger, LedgerRules, State, Viewer) = (context, ledger, rules, state, viewer);
        At = Moment("at") ?? (Viewer.At is { } bound ? AsOf.At(bound) : null);
    }

    /// <summary>The one parameter that may stand in an address several times: a form has a box for each run.</summary>
    public const string ChosenRun = "run";

    /// <summary>The one parameter that has lines: a rule that is tried.</summary>
    public const string RuleText = "text";

    /// <param name="known">The parameters that the address may have.</param>
    /// <param name="isNameless">Whether what is shown is the same for all who may see the same: nobody's name is on it.</param>
    /// <exception cref="BadQuery">It has another, or one twice, or no moment that is one.</exception>
    internal static async Task<View> OfAsync(
        HttpContext context, LedgerViews ledger, LedgerRules rules, IReadOnlyList<string> known, bool isNameless = false)
    {
        // A parameter that is passed over is a filter that is lost: the answer would be of everything.
        foreach (var (name, values) in context.Request.Query)
        {
            if (!known.Contains(name))
                throw new BadQuery(known.Count == 0 ? $"There is no parameter '{name}' here, nor any other."
                    : $"There is no parameter '{name}' here; did you mean '{NearestName.Of(name, known)}'? "
                        + $"There are {string.Join(", ", known)}.");
            if (values.Count > 1 && name != ChosenRun)
                throw new BadQuery($"The parameter '{name}' stands in the address {values.Count} times; it is given once.");
            if (values.ToString().Any(c => char.IsControl(c) && (name != RuleText || c is not ('\n' or '\r' or '\t'))))
                throw new BadQuery($"The parameter '{name}' holds a line break or another control character.");
        }
        var viewer = Gate.ViewerOf(context);
        var view = new View(context, ledger, rules, await ledger.StateAsync(context.RequestAborted), viewer);
        return isNameless ? view.Nameless() : view;
    }

    /// <summary>The same of nobody: what it shows is drawn once for all who may see the same.</summary>
    internal View Nameless() => new(_context, Ledger, LedgerRules, State, Viewer with { Name = "", Token = "" });

    public LedgerViews Ledger { get; }

    public LedgerRules LedgerRules { get; }

    /// <summary>How far the ledger had come when the request began.</summary>
    public LedgerState State { get; }

    public Viewer Viewer { get; }

    /// <summary>The moment that is shown; null: it is live.</summary>
    public AsOf? At { get; }

    public bool IsLive => At is null;

    /// <summary>Of what is no single study's: the time that is shown; null: now.</summary>
    /// <exception cref="BadQuery">The address names a position, of which there is none here.</exception>
    public DateTimeOffset? Time => At is null ? null : At.Time ?? throw new BadQuery(
        $"at is {At}, and positions are of a single study; this takes a time, such as 2026-11-25T15:30:00Z.");

    /// <summary>Whether whoever asks may ask for something, too: an operator, of what is now, on a page that nobody else frames.</summary>
    public bool MayAsk => Viewer is { Role: Role.Operator, IsBound: false } && IsLive
        && _context.GetEndpoint()?.Metadata.GetMetadata<Framing>() is null;

    public HttpRequest Request => _context.Request;

    public CancellationToken Cancellation => _context.RequestAborted;

    /// <summary>What the address says of a parameter of the query; null where nothing.</summary>
    public string? this[string parameter] => Request.Query[parameter] is [{ Length: > 0 } only] ? only : null;

    /// <summary>The runs that are chosen one by one, as they are named; several in one parameter have commas between.</summary>
    public IReadOnlyList<string> Chosen =>
    [
        .. Request.Query[ChosenRun].SelectMany(
            value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(),
    ];

    /// <summary>A whole number in the query.</summary>
    /// <exception cref="BadQuery">It is none, or out of range.</exception>
    public long? Whole(string parameter, long least, long most) => this[parameter] is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw new BadQuery(string.Create(
                CultureInfo.InvariantCulture, $"{parameter} is '{text}'; it is a whole number from {least} to {most}."));

    /// <summary>Whether a parameter of the query says yes.</summary>
    /// <exception cref="BadQuery">It says neither yes nor no.</exception>
    public bool IsYes(string parameter) => this[parameter] switch
    {
        null or "no" => false,
        "yes" => true,
        var other => throw new BadQuery($"{parameter} is '{other}'; it is yes or no."),
    };

    /// <summary>A moment that the query names; null where it names none.</summary>
    /// <exception cref="BadQuery">It is none.</exception>
    public AsOf? Moment(string parameter)
    {
        try
        {
            return this[parameter] is { } text ? AsOf.Parse(text) : null;
        }
        catch (RuleViolation refused)
        {
            throw new BadQuery(refused.Message);
        }
    }

    /// <summary>What is sent along with the request, whole; the server takes no more than the route's limit.</summary>
    public async Task<byte[]> SentAsync()
    {
        using var sent = new MemoryStream();
        await Request.Body.CopyToAsync(sent, Cancellation);
        return sent.ToArray();
    }

    /// <summary>A part of the path, such as the <c>study</c> of <c>/studies/{study}</c>.</summary>
    public string Part(string name) => (string)Request.RouteValues[name]!;

    /// <summary>An address within this server: below the path base, whatever a proxy makes of it.</summary>
    /// <param name="query">Names and values; null values are left out.</param>
    public string Url(string path, params (string Name, object? Value)[] query) => Request.PathBase.Value + path + Query(query);

    /// <summary>The part of an address from its question mark on; empty where nothing is asked.</summary>
    /// <param name="query">Names and values; null values are left out.</param>
    public static string Query(params (string Name, object? Value)[] query) => query.All(q => q.Value is null) ? "" : new QueryBuilder(
        query.Where(q => q.Value is not null).Select(q => KeyValuePair.Create(q.Name, Text(q.Value!)))).ToQueryString().Value ?? "";

    /// <summary>This address, with some of its parameters changed; null takes one out.</summary>
    public string Here(params (string Name, object? Value)[] changes) => Url(
        Request.Path.Value!,
        [
            .. Request.Query.Where(q => !changes.Any(c => c.Name == q.Key)).SelectMany(q => q.Value.Select(v => (q.Key, (object?)v))),
            .. changes,
        ]);

    /// <summary>The study that the path names by <c>{study}</c>: its id, a prefix of it, or its name.</summary>
    /// <param name="rules">Those it is ranked under; null: its own.</param>
    /// <param name="depth">How much of it is wanted.</param>
    /// <exception cref="NotThere">There is none, or it had no such moment, or it is not for whoever asks.</exception>
    public Task<ShownStudy> StudyAsync(IReadOnlyList<AggregationRule>? rules = null, StudyDepth depth = StudyDepth.Results) =>
        StudyAsync(Part("study"), rules, depth);

    /// <summary>The same of one that is named elsewhere.</summary>
    /// <param name="at">Another moment than that of the page; null: that of the page.</param>
    public async Task<ShownStudy> StudyAsync(
        string named, IReadOnlyList<AggregationRule>? rules = null, StudyDepth depth = StudyDepth.Results, AsOf? at = null)
    {
        var (id, moment, told) = await FindAsync(named, at ?? At);
        var facts = moment is null ? await Ledger.FactsAsync(id, rules ?? [], depth, Cancellation)
            : await Ledger.FactsAsync(moment, rules ?? [], Cancellation);
        return new(facts, moment is null ? told! : new(facts.Study, null), moment);
    }

    /// <summary>A study of which something is shown, at the moment of the page.</summary>
    /// <exception cref="NotThere">It had no such moment, or it is not for whoever asks.</exception>
    public async Task<CitedStudy> CitedAsync(Guid study)
    {
        var (id, moment, _) = await FindAsync(study.ToString("D"), At);
        var (summary, root) = moment is null ? await Ledger.RootAsync(id, Cancellation) : await Ledger.RootAsync(moment, Cancellation);
        return new(summary, root.Position, root.Root, root.AsOf, moment);
    }

    /// <summary>The rules that a parameter names, each by its name (the newest version) or NAME@VERSION, with commas between.</summary>
    /// <returns>Null where the address names none.</returns>
    /// <exception cref="NotThere">There is no such rule.</exception>
    public async Task<IReadOnlyList<AggregationRule>?> RulesAsync(string parameter = "rule", int most = 6)
    {
        if (this[parameter] is not { } text)
            return null;
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (names.Length > most)
            throw new BadQuery($"{parameter} names {names.Length} rules; at most {most} stand side by side.");
        var book = await BookAsync();
        return [.. names.Select(name => RuleOf(book, name)).DistinctBy(rule => rule.Hash)];
    }

    /// <summary>The rules that there are.</summary>
    public Task<RuleBook> BookAsync() => LedgerRules.BookAsync(Cancellation);

    /// <summary>Those that were defined in this ledger, with their times.</summary>
    public Task<IReadOnlyList<DefinedRule>> DefinedAsync() => LedgerRules.DefinedAsync(Cancellation);

    /// <exception cref="NotThere">There is no such rule.</exception>
    public static AggregationRule RuleOf(RuleBook book, string name) =>
        book.Find(RuleReference.Parse(name)) ?? throw new NotThere(
            $"There is no rule '{name}'; did you mean '{NearestName.Of(name, book.All.Select(rule => rule.Name).Distinct())}'?");

    /// <summary>Whether something of a study is for whoever asks.</summary>
    public bool Shows(Guid? study, long? position = null) =>
        !Viewer.IsBound || study == Viewer.Study && (Viewer.At is null || position is { } at && at <= Viewer.At);

    private async Task<(Guid Id, StudyMoment? Moment, ToldStudy? Told)> FindAsync(string named, AsOf? at)
    {
        try
        {
            if (at is null)
            {
                var told = await Ledger.Now.FindToldStudyAsync(named, Cancellation);
                return Shows(told.Study.Id, 0) ? (told.Study.Id, null, told) : throw new NotThere($"There is no study '{named}'.");
            }
            var then = await Ledger.Past.FindMomentAsync(named, at, Cancellation);
            return Shows(then.StudyId, then.Position) ? (then.StudyId, then, null)
                : throw new NotThere($"There is no study '{named}'.");
        }
        catch (RuleViolation none)
        {
            // To somebody who sees but one study, the others are not there, not even as the beginning of an id.
            throw new NotThere(Viewer.IsBound ? $"There is no study '{named}'." : none.Message);
        }
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
