using System.Buffers;
using System.Text;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Exchange;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Tests.Exchange;

/// <summary>Files of studies, made without a ledger.</summary>
internal static class StudyText
{
    public static readonly DateTimeOffset Begin = new(2026, 11, 25, 15, 30, 0, TimeSpan.Zero);

    /// <summary>The lines that an export of these facts of one study has; a second between two of them.</summary>
    public static string[] Lines(IReadOnlyList<ILedgerEvent> facts, Func<int, DateTimeOffset>? clock = null)
    {
        var (heads, tree, events) = (new Dictionary<Guid, StreamHead>(), new MerkleTree(), new ArrayBufferWriter<byte>());
        foreach (var (i, fact) in facts.Index())
        {
            var cause = i == 0 ? null : EventIds.Of(facts[0]).ToString("D");
            var at = clock?.Invoke(i) ?? Begin.AddSeconds(i);
            var chained = ChainedFact.After(heads.GetValueOrDefault(EventIds.StreamOf(fact)), fact, cause, at);
            heads[chained.Stream] = chained.Head;
            tree.Add(Convert.FromHexString(chained.Head.Chain!));
            EventLine.Write(
                events, chained.Stream, chained.Head.Version, chained.Type, chained.Id, chained.Timestamp, chained.Causation,
                CanonicalJson.Of(chained.Data), chained.Head.Chain!);
            events.Write("\n"u8);
        }
        var first = new ArrayBufferWriter<byte>();
        StudyLines.WriteFirst(first, EventIds.StudyOf(facts[0])!.Value, tree.Count, tree.Root());
        return [.. Encoding.UTF8.GetString([.. first.WrittenSpan, .. events.WrittenSpan]).TrimEnd('\n').Split('\n')];
    }

    public static MemoryStream File(IEnumerable<string> lines) => new(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))));

    /// <summary>Everything of a study that went well, as it comes to stand in a ledger.</summary>
    public static IReadOnlyList<ILedgerEvent> Whole(string name, int domains = 1)
    {
        var (study, runs) = Samples.Study(name, domains: domains);
        return [study, .. runs, .. runs.SelectMany(r => Samples.Whole(r))];
    }
}
