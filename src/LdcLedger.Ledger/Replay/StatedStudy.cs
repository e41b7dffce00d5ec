using System.Globalization;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Ledger.ReadModels;
using LdcLedger.Ledger.Rules;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Verification;

namespace LdcLedger.Ledger.Replay;

/// <summary>What was found of a document that states a study.</summary>
/// <param name="Name">The study's, here.</param>
/// <param name="Moment">That it is of; null where this ledger's study does not reach so far, and is not what was recorded either.</param>
public sealed record StatedFindings<T>(string Name, StudyMoment? Moment, IReadOnlyList<T> Differences);

/// <summary>What a document states of the study that it was made of.</summary>
/// <param name="Name">The document's, as messages have it.</param>
/// <param name="Position">Number of the study's events, in ledger order.</param>
/// <param name="Root">RFC 6962 root over them, lower-case hexadecimal.</param>
public sealed record StatedStudy(string Name, Guid Study, long Position, string Root, IReadOnlyList<AggregationRule> Rules)
{
    private const int EventsShown = 3;

    /// <summary>Whether it is so in this ledger: its events, its root, its rules, and what else is compared.</summary>
    /// <param name="difference">Of its kind (events, root, rule) and a sentence without its full stop.</param>
    /// <param name="compare">
    /// The document with the facts that this ledger has of its position, and whether they are of the events that it states, as recorded.
    /// </param>
    /// <exception cref="RuleViolation">This ledger cannot tell.</exception>
    public async Task<StatedFindings<T>> CompareAsync<T>(
        LedgerStore store, LedgerQueries queries, PastQueries past, LedgerRules rules, Func<string, string, T> difference,
        Func<StudyFacts, bool, IReadOnlyList<T>> compare, CancellationToken cancellation)
    {
        var now = await StudyRoot.OfAsync(store, Study, cancellation: cancellation);
        if (now.Position == 0)
            throw new RuleViolation(
                $"{Name} is a report of study {Study}, which is not in this ledger; `ldc ledger import FILE` brings a study from the one "
                + "that has it.");
        // Roots alone do not say that events are what was recorded: they are computed of the hashes that stand beside them.
        var audit = await ChainVerification.RunAsync(store, Study, cancellation);
        var differences = new List<T>(audit.Differences.Take(EventsShown).Select(
            d => difference("events", $"this ledger is not what was recorded: {d}")));
        if (audit.Differences.Count > EventsShown)
            differences.Add(difference("events", $"and so in {Plural.Of(audit.Differences.Count - EventsShown, "more place")}, which "
                + $"`ldc ledger verify --study {Study}` names"));
        var study = await queries.FindStudyAsync(Study.ToString(), cancellation);
        if (Position > now.Position)
        {
            var missing = Position - now.Position;
            differences.Add(difference("events", string.Create(CultureInfo.InvariantCulture,
                $"{Plural.Of(missing, "event")} {(missing == 1 ? "is" : "are")} missing: {Name} is of position {Position} of study ")
                + $"{study.Name}, which has {Plural.Of(now.Position, "event")} in this ledger; one that has all must judge it"));
            return new(study.Name, null, differences);
        }

        var moment = await past.MomentAsync(Study, AsOf.At(Position), cancellation);
        var then = await StudyRoot.OfAsync(store, Study, moment.Sequence, cancellation);
        if (then.Root != Root)
            differences.Add(difference("root", string.Create(
                CultureInfo.InvariantCulture, $"the study's events up to position {Position} are not those that it was made of: ")
                + $"their root is {then.Root}, and it states {Root}"));
        var isOfSameEvents = differences.Count == 0;
        var book = await rules.BookAsync(cancellation);
        foreach (var rule in Rules)
            if (book.Find(RuleReference.Parse(rule.Reference)) is { } here && here.Hash != rule.Hash)
                differences.Add(difference("rule", $"rule {rule.Reference} says something else here (SHA-256 {here.Hash}) than in the "
                    + $"report ({rule.Hash})"));
        try
        {
            differences.AddRange(compare(await past.FactsAsync(moment, Rules, cancellation), isOfSameEvents));
        }
        catch (Exception broken) when (audit.Differences.Count > 0 && broken is JsonException or LedgerDamaged or RuleViolation)
        {
            differences.Add(difference("events", $"and so no report can be built of it ({broken.Message.TrimEnd('.')})"));
        }
        return new(study.Name, moment, differences);
    }
}
