using System.Collections.Immutable;

namespace LdcLedger.Ledger.Views;

/// <summary>When each study moved last, since this process began to look: most have not moved since they were looked at.</summary>
/// <param name="Position">Place in the whole ledger up to which it is told.</param>
internal sealed record StudyMoves(long Position = 0)
{
    private const int MostStudies = 10_000;

    private readonly ImmutableDictionary<Guid, long> _last = ImmutableDictionary<Guid, long>.Empty;

    // Of all studies at once: whoever moved before is not told any more.
    private readonly long _all;

    private StudyMoves(long position, long all, ImmutableDictionary<Guid, long> last) : this(position) => (_all, _last) = (all, last);

    public string Of(Guid study) => FormattableString.Invariant($"{_all} {_last.GetValueOrDefault(study)}");

    /// <summary>All may have moved.</summary>
    public StudyMoves AllTo(long position) => new(position, _all + 1, ImmutableDictionary<Guid, long>.Empty);

    public StudyMoves To(long position, IEnumerable<Guid> studies)
    {
        var last = _last.SetItems(studies.Select(study => KeyValuePair.Create(study, position)));
        return last.Count > MostStudies ? AllTo(position) : new(position, _all, last);
    }
}
