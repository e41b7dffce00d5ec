using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using LdcLedger.Ledger.Trees;

namespace LdcLedger.Ledger.Verification;

/// <summary>What one event says of itself, and what it should say: judged alone, but for the chain hash before it.</summary>
/// <param name="Stored">Its chain hash as it is stored; null where it has none.</param>
/// <param name="Holds">Whether that is the hash of its content and the hash before it.</param>
/// <param name="Entry">What a tree says of an event with this content.</param>
/// <param name="StudyId">The study that its data names; null where it names none.</param>
/// <param name="Differences">What is wrong with its columns, whatever its chain says.</param>
/// <param name="Fact">What it states, where it names runs or is a seal; otherwise null, for nothing looks at it.</param>
internal sealed record EventVerdict(
    byte[]? Stored, bool Holds, LeafEntry Entry, Guid? StudyId, IReadOnlyList<Difference> Differences, ILedgerEvent? Fact)
{
    private const string ChainHeader = LedgerWriter.ChainHeader;

    private static readonly Dictionary<string, string> DotnetTypes =
        EventKinds.All.ToDictionary(kind => kind.Alias, kind => MartenTables.DotnetTypeOf(kind.Record));

    /// <param name="previous">The chain hash before it in its stream; null for the first.</param>
    /// <param name="scratch">Room to work in; what is in it is lost.</param>
    public static EventVerdict Of(EventRow row, byte[]? previous, ArrayBufferWriter<byte> scratch)
    {
        List<Difference> differences = [];
        var stored = ChainIn(row, differences);
        var (hash, dataMark) = Hash(row, row.Type, row.Id, row.Microseconds, row.Causation, previous, scratch);
        var entry = new LeafEntry(
            row.Stream, row.Version, row.Microseconds, LeafEntry.Mark(row.Type), LeafEntry.Mark(row.Id), LeafEntry.Mark(row.Causation),
            dataMark);
        var study = OfNoStudy.Contains(row.Type) ? null : StudyIn(row.Data);
        AddColumns(row, study, differences);
        var kind = EventKinds.Find(row.Type);
        return new(stored, stored.AsSpan().SequenceEqual(hash), entry, study, differences,
            kind is { Names: not null } or { Stream: EventStream.Seals } ? FactOf(row) : null);
    }

    /// <summary>
    /// The chain hash that the event would have with other values in some of its fields, and the mark of its data.
    /// </summary>
    public static (byte[] Hash, uint DataMark) Hash(
        EventRow row, string type, Guid id, long microseconds, string? causation, byte[]? previous, ArrayBufferWriter<byte> scratch)
    {
        scratch.ResetWrittenCount();
        Span<byte> hex = stackalloc byte[64];
        if (previous is not null)
            Convert.TryToHexStringLower(previous, hex, out _);
        try
        {
            var begins = ChainLink.Write(
                scratch, previous is null ? [] : hex, row.Stream, row.Version, type, id, microseconds, causation, row.Data);
            return (SHA256.HashData(scratch.WrittenSpan), LeafEntry.Mark(scratch.WrittenSpan[begins..]));
        }
        catch (JsonException)
        {
            return (new byte[32], 0);   // no event has data that is nested so deep
        }
    }

    /// <summary>The chain hash that an event has in its headers; null where there is none.</summary>
    public static byte[]? ChainIn(EventRow row) => ChainIn(row, []);

    // Its headers are {"chain": HASH}, as PostgreSQL prints it, and nothing else.
    private static byte[]? ChainIn(EventRow row, List<Difference> differences)
    {
        var prefix = "{\"chain\": \""u8;
        if (row.Headers is { Length: 77 } usual && usual.AsSpan().StartsWith(prefix) && HexIn(usual.AsSpan(prefix.Length, 64)) is { } hash)
            return hash;
        var (found, others) = Headers(row.Headers);
        differences.AddRange(others.Select(name => Of(row, DifferenceKind.Headers, $"headers.{name}", "events have no such header")));
        if (found is null)
            differences.Add(Of(row, DifferenceKind.Headers, $"headers.{ChainHeader}", "it has no chain hash"));
        return found;
    }

    private static (byte[]? Chain, List<string> Others) Headers(byte[]? json)
    {
        (byte[]? Chain, List<string> Others) found = (null, []);
        try
        {
            using var headers = JsonDocument.Parse(json ?? "null"u8.ToArray());
            if (headers.RootElement.ValueKind == JsonValueKind.Object)
                foreach (var header in headers.RootElement.EnumerateObject())
                {
                    if (header.Name != ChainHeader)
                        found.Others.Add(header.Name);
                    else if (header.Value.ValueKind == JsonValueKind.String)
                        found.Chain = HexIn(Encoding.UTF8.GetBytes(header.Value.GetString()!));
                }
        }
        catch (JsonException)
        {
            // Nested deeper than anything that is read.
        }
        return found;
    }

    private static byte[]? HexIn(ReadOnlySpan<byte> text)
    {
        var hash = new byte[32];
        return text.Length == 64 && !text.ContainsAnyInRange((byte)'A', (byte)'F')
            && Convert.FromHexString(text, hash, out _, out _) == OperationStatus.Done ? hash : null;
    }

    // Notes of the ledger's own: they may name a study, and are no part of it.
    private static readonly HashSet<string> OfNoStudy =
        [.. EventKinds.All.Where(kind => !typeof(IStudyEvent).IsAssignableFrom(kind.Record)).Select(kind => kind.Alias)];

    // Columns that no chain covers: each has but one right value.
    private static void AddColumns(EventRow row, Guid? study, List<Difference> differences)
    {
        if (row.Study != study?.ToString("D"))
            differences.Add(Of(row, DifferenceKind.Membership, "correlation_id",
                $"it is filed under {(row.Study is null ? "no study" : $"study {row.Study}")}, and its data names "
                + $"{(study is null ? "none" : $"study {study}")}"));
        if (row.IsArchived is not false)
            differences.Add(Of(row, DifferenceKind.Archived, "is_archived", "it is marked as archived, so that readers pass it over"));
        if (DotnetTypes.TryGetValue(row.Type, out var type) && row.DotnetType != type)
            differences.Add(Of(row, DifferenceKind.DotnetType, MartenTables.DotnetType,
                $"it is '{row.DotnetType}', and should be '{type}'"));
        if (row.Tenant != MartenTables.Tenant)
            differences.Add(Of(row, DifferenceKind.Edited, "tenant_id", $"it is '{row.Tenant}', and should be '{MartenTables.Tenant}'"));
        if (row.HasBinary)
            differences.Add(Of(row, DifferenceKind.Edited, "bdata", "there is data beside its JSON, which no event has"));
    }

    private static Guid? StudyIn(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStudy = reader.ValueTextEquals("studyId"u8);
                reader.Read();
                if (isStudy)
                    return reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var study) ? study : null;
                reader.Skip();
            }
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// What it states; null where that cannot be read, because it was edited or is of a kind that this program does not know.
    /// </summary>
    public static ILedgerEvent? FactOf(EventRow row)
    {
        try
        {
            return EventKinds.Find(row.Type) is { } kind ? LedgerJson.Read(kind, row.Data) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Difference Of(EventRow row, DifferenceKind kind, string field, string what) =>
        new(kind, row.Stream, row.Version, field, what, row.Type);
}
