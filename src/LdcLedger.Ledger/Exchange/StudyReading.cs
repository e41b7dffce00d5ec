using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;

namespace LdcLedger.Ledger.Exchange;

/// <summary>An event that was read and found right, as it is to be stored.</summary>
/// <param name="Data">Canonical JSON.</param>
internal readonly record struct ReadFact(
    Guid Stream, long Version, Guid Id, EventKind Kind, DateTimeOffset Timestamp, Guid? Causation, string Data, string Chain);

/// <summary>
/// One study's part of a file, line by line: every event is held against its shape, its stream, the chain, the events before it and what
/// the study's facts must agree on. In a file written by hand, what is absent is filled in.
/// </summary>
/// <param name="study">Whose part it is; every event must be this study's.</param>
/// <param name="unchained">Whether version, id, causation and chain may be absent.</param>
internal sealed class StudyReading(Guid study, bool unchained)
{
    private readonly Dictionary<Guid, StreamHead> _heads = [];
    private readonly HashSet<Guid> _events = [];
    private readonly StudyAgreement _agreement = new();
    private readonly MerkleTree _tree = new();
    private DateTimeOffset _last;

    public Guid Study => study;

    public string Name => _agreement.Name!;

    /// <summary>Number of events so far.</summary>
    public long Position => _tree.Count;

    /// <summary>Over the events so far.</summary>
    public string Root => _tree.Root();

    /// <summary>Whether a hash of the chain was absent and made here.</summary>
    public bool IsChainOurs { get; private set; }

    /// <summary>
    /// Events that are earlier than the one before them: a clock was set back, or another machine's is behind. That is allowed.
    /// </summary>
    public long Backward { get; private set; }

    /// <exception cref="RuleViolation">It cannot be an event of this study at this place; the message says nothing of where.</exception>
    public ReadFact Take(GivenEvent line)
    {
        var kind = EventKinds.Find(line.Type) ?? throw new RuleViolation(
            $"type is '{line.Type}', which this version of ldc does not know; it knows "
            + $"{string.Join(", ", EventKinds.All.Where(IsOfStudy).Select(k => k.Alias))}.");
        if (!IsOfStudy(kind))
            throw new RuleViolation(
                $"{line.Type} belongs to the ledger that it was recorded in; a file brings the events of studies and runs alone.");
        var stored = Stored(kind, line.Data);
        using var document = JsonDocument.Parse(stored);
        var fact = Fact(kind, stored, document.RootElement);
        if (EventIds.StudyOf(fact) != study)
            throw new RuleViolation($"data.studyId is {EventIds.StudyOf(fact)}, in the part of study {study}.");
        if (kind.StreamOf(fact) != line.Stream)
            throw new RuleViolation($"stream is {line.Stream}; by its data the event belongs to {kind.StreamOf(fact)}.");
        if (LedgerIds.Own.Contains(line.Stream))
            throw new RuleViolation($"stream is {line.Stream}, a stream of every ledger's own; no study and no run has this id.");
        if (fact is IRunEvent && line.Stream == study)
            throw new RuleViolation($"run {line.Stream} has the id of its study; each has one of its own.");
        var id = EventIds.Of(fact);
        if (_events.Contains(id))
            throw new RuleViolation($"this {kind.Alias} is in the file a second time (id {id}).");
        _agreement.Take(fact);
        var read = Linked(line, kind, id, stored, document.RootElement);
        if (Position > 0 && line.Timestamp < _last)
            Backward++;
        _last = line.Timestamp;
        _events.Add(read.Id);
        _heads[read.Stream] = new(read.Version, read.Chain);
        _tree.Add(Convert.FromHexString(read.Chain));
        return read;
    }

    private ReadFact Linked(GivenEvent line, EventKind kind, Guid id, byte[] stored, JsonElement data)
    {
        if (line.Id is { } given && given != id)
            throw new RuleViolation($"id is {given}; this fact's id is {id}.");
        var head = _heads.GetValueOrDefault(line.Stream);
        var version = Needed("version", line.Version) ?? head.Version + 1;
        if (version != head.Version + 1)
            throw new RuleViolation(string.Create(
                CultureInfo.InvariantCulture, $"version is {version}; the next of stream {line.Stream} is {head.Version + 1}."));
        _ = Needed("id", line.Id);
        if (line.Causation is { } cause && !_events.Contains(cause))
            throw new RuleViolation(cause == id
                ? "the event has itself as its cause."
                : $"causation is {cause}, which is no event before this one in its study; causes come before what they lead to.");
        if (!unchained && EventLine.Text(line.Timestamp) != line.TimestampText)
            throw new RuleViolation($"timestamp is '{line.TimestampText}'; ldc writes {EventLine.Text(line.Timestamp)}.");
        var hash = new ChainLink(
            head.Chain, line.Stream, version, kind.Alias, id, line.Timestamp, line.Causation?.ToString("D"), data).Hash();
        if (Needed("chain", line.Chain) is { } chain && chain != hash)
            throw new RuleViolation(
                $"chain is {chain[..16]}..., and what the line says has {hash[..16]}...: the line, or one before it in its stream, "
                + "is not what was recorded.");
        IsChainOurs |= line.Chain is null;
        return new(line.Stream, version, id, kind, line.Timestamp, line.Causation, Encoding.UTF8.GetString(stored), hash);
    }

    private T? Needed<T>(string field, T? value) => value is not null || unchained ? value : throw new RuleViolation(
        $"{field} is missing; a file that was written by hand or by script is imported with --unchained, which fills it in.");

    private byte[] Stored(EventKind kind, JsonElement data)
    {
        if (!unchained || !FactShape.Of(kind.Record).HasDefaults)
            return Canonical(data);
        var fields = JsonSerializer.Deserialize<JsonObject>(data)!;
        FactShape.Of(kind.Record).Fill(fields);
        using var filled = JsonDocument.Parse(fields.ToJsonString());
        return Canonical(filled.RootElement);
    }

    private static byte[] Canonical(JsonElement data)
    {
        byte[] canonical;
        try
        {
            canonical = CanonicalJson.Of(data);
        }
        catch (InvalidOperationException)
        {
            throw new RuleViolation("a text in data is not Unicode: it has half a surrogate pair.");
        }
        // What the canonical form would change is changed only where that is another spelling of the same.
        if (!JsonMarshal.GetRawUtf8Value(data).SequenceEqual(canonical))
            CheckNumbers(data, "data");
        return canonical;
    }

    private static void CheckNumbers(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in value.EnumerateObject())
                    CheckNumbers(field.Value, $"{path}.{field.Name}");
                break;
            case JsonValueKind.Array:
                foreach (var (i, item) in value.EnumerateArray().Index())
                    CheckNumbers(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"));
                break;
            case JsonValueKind.Number when !double.IsFinite(value.GetDouble()):
                throw new RuleViolation($"{path} is {LineReading.Shown(value)}, which is too large for a number of 64 bits.");
            case JsonValueKind.Number when value.TryGetInt64(out var whole) && Math.Abs((decimal)whole) > 1L << 53:
                throw new RuleViolation($"{path} is {whole}; whole numbers are exact up to 2^53 = {1L << 53}.");
        }
    }

    private static ILedgerEvent Fact(EventKind kind, byte[] stored, JsonElement data)
    {
        var shape = FactShape.Of(kind.Record);
        if (kind.Upcast is not { } upcast)
        {
            shape.Check(data, "data");
            return (ILedgerEvent)JsonSerializer.Deserialize(stored, kind.Record, LedgerJson.Options)!;
        }
        var fields = JsonNode.Parse(stored)!.AsObject();
        upcast(fields);
        using var today = JsonDocument.Parse(fields.ToJsonString());
        shape.Check(today.RootElement, "data");
        return (ILedgerEvent)today.RootElement.Deserialize(kind.Record, LedgerJson.Options)!;
    }

    private static bool IsOfStudy(EventKind kind) => kind.Stream is EventStream.Study or EventStream.Run;
}
