using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LdcLedger.Ledger.Chain;

/// <summary>Where an event is in a Merkle tree, and the hashes that lead from it to the root.</summary>
/// <param name="Index">Its place among the leaves, from 0.</param>
/// <param name="Size">Number of leaves.</param>
/// <param name="Path">From the leaf up (RFC 6962 section 2.1.1).</param>
/// <param name="Root">Lower-case hexadecimal.</param>
public sealed record TreePlace(long Index, long Size, IReadOnlyList<byte[]> Path, string Root)
{
    internal static TreePlace Read(JsonElement json) =>
        new(json.Whole("index", 0), json.Whole("size", 1), json.Sha256s("path"), json.Sha256("root"));

    internal void WriteFieldsTo(Utf8JsonWriter json)
    {
        json.WriteNumber("index", Index);
        json.WriteNumber("size", Size);
        json.WriteStartArray("path");
        foreach (var hash in Path)
            json.WriteStringValue(Convert.ToHexStringLower(hash));
        json.WriteEndArray();
        json.WriteString("root", Root);
    }

    internal bool Holds(string chain) =>
        MerkleProofs.Includes(Convert.FromHexString(chain), Index, Size, Path, Convert.FromHexString(Root));
}

/// <summary>
/// A proof that an event is in its study and under a seal of its ledger: one JSON document that needs no database. What it says holds if
/// <see cref="Check"/> finds nothing, the study's root is the one that a report cites, and the checkpoint is signed by a trusted key.
/// </summary>
/// <param name="Previous">Chain hash of the event before in its stream; null for the first.</param>
/// <param name="InStudy">Null where the event belongs to no study.</param>
/// <param name="InSeal">Null where it is under no seal yet.</param>
/// <param name="Checkpoint">The seal's, a whole signed note; null likewise.</param>
public sealed record InclusionProof(EventLine Event, string? Previous, TreePlace? InStudy, TreePlace? InSeal, string? Checkpoint)
{
    public const string Format = "ldcledger-proof/1";

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document, in UTF-8 with a newline at its end.</summary>
    public byte[] ToJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Indented))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WritePropertyName("event");
            var line = new ArrayBufferWriter<byte>();
            Event.WriteTo(line);
            json.WriteRawValue(line.WrittenSpan);
            json.WriteString("previous", Previous);
            WritePlace(json, "study", InStudy, null);
            WritePlace(json, "seal", InSeal, Checkpoint);
            json.WriteEndObject();
        }
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    /// <exception cref="FormatException">It is none; the message says what is wrong, as the end of a sentence.</exception>
    public static InclusionProof Read(ReadOnlyMemory<byte> json)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(json);
            root = document.RootElement.Clone();
        }
        catch (JsonException cause)
        {
            throw new FormatException($"it is no JSON document ({cause.Message.Split(" LineNumber")[0].TrimEnd('.')})", cause);
        }
        if (root.Text("format") is not Format and var other)
            throw new FormatException($"its format is '{other}', and not {Format}");
        var previous = root.TextOrNull("previous") is null ? null : root.Sha256("previous");
        var (study, seal) = (Part(root, "study"), Part(root, "seal"));
        return new(
            EventLine.Read(root.Field("event", JsonValueKind.Object)), previous, study is { } s ? TreePlace.Read(s) : null,
            seal is { } t ? TreePlace.Read(t) : null, seal?.Text("checkpoint"));
    }

    /// <summary>
    /// What does not hold, in sentences; nothing where all of it does. Signatures are judged by the caller, who has the keys.
    /// </summary>
    public IEnumerable<string> Check()
    {
        if (InStudy is null && InSeal is null)
            yield return "it leads to no root, neither the study's nor a seal's, so that anybody could have written it";
        if ((Previous is null) != (Event.Version == 1))
            yield return Previous is null
                ? $"the event is number {Event.Version} of its stream, and the chain hash of the one before it is missing"
                : "the event is the first of its stream, and yet there is a chain hash before it";
        if (Event.HashAfter(Previous) != Event.Chain)
            yield return "the event's chain hash does not follow from its content and the event before it";
        if (InStudy is { } study && !study.Holds(Event.Chain))
            yield return "the path does not lead from the event to the study's root";
        if (InSeal is not { } seal)
            yield break;
        if (!seal.Holds(Event.Chain))
            yield return "the path does not lead from the event to the seal's root";
        var (signed, problem) = Signed();
        if (signed is null)
            yield return $"the seal's checkpoint cannot be read: {problem}";
        else if ((signed.Size, signed.Root) != (seal.Size, seal.Root))
            yield return "the checkpoint is of another tree than the path leads to";
    }

    private (Checkpoint? Signed, string? Problem) Signed()
    {
        try
        {
            return (Chain.Checkpoint.Parse(Checkpoint!), null);
        }
        catch (FormatException wrong)
        {
            return (null, wrong.Message);
        }
    }

    private static JsonElement? Part(JsonElement root, string name) =>
        root.Field(name, JsonValueKind.Object, JsonValueKind.Null) is { ValueKind: JsonValueKind.Object } part ? part : null;

    private static void WritePlace(Utf8JsonWriter json, string name, TreePlace? place, string? checkpoint)
    {
        if (place is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        place.WriteFieldsTo(json);
        if (checkpoint is not null)
            json.WriteString("checkpoint", checkpoint);
        json.WriteEndObject();
    }
}
