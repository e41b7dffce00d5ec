using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LdcLedger.Ledger.Chain;
using Xunit;

namespace LdcLedger.Ledger.Tests.Chain;

[Trait("Needs", "nothing")]
public sealed class InclusionProofTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 14, 12, 0, 0, 123, 456, TimeSpan.Zero);

    // Twelve events of a stream; a study of five of them, a seal over eleven.
    private static InclusionProof Proof(SealKey? key = null)
    {
        string? previous = null;
        List<EventLine> lines = [];
        for (var version = 1; version <= 12; version++)
        {
            using var data = JsonDocument.Parse($$"""{ "studyId": "a", "loss": {{version / 3.0:R}}, "of": "{{version}}" }""");
            var line = new EventLine(
                new("6f0c1f4e-8d1b-5c56-9a1e-6c64634c6567"), version, "epoch_completed", new($"00000000-0000-0000-0000-{version:D12}"),
                Noon.AddSeconds(version), null, data.RootElement.Clone(), "");
            lines.Add(line with { Chain = line.HashAfter(previous) });
            previous = lines[^1].Chain;
        }
        var place = Place(lines, 4, 11);
        using var own = key is null ? SealKey.Create() : null;
        var checkpoint = Checkpoint.Of(new("2f1f3c52-6d3b-4b0e-9a51-0d7a6f3f2c11"), 11, place.Root).SignedBy(key ?? own!);
        return new(lines[4], lines[3].Chain, Place(lines, 4, 5), place, checkpoint.ToString());
    }

    private static TreePlace Place(List<EventLine> lines, int index, int size)
    {
        var root = Tree(0, size).Root();
        return new(index, size, [.. MerkleProofs.Inclusion(index, size).Select(run => Hash((int)run.From, (int)run.To))], root);

        MerkleTree Tree(int from, int to)
        {
            var tree = new MerkleTree();
            foreach (var line in lines[from..to])
                tree.Add(Convert.FromHexString(line.Chain));
            return tree;
        }

        byte[] Hash(int from, int to) => Convert.FromHexString(Tree(from, to).Root());
    }

    [Fact]
    public void A_proof_reads_back_as_it_was_written_and_holds()
    {
        var proof = Proof();
        var read = InclusionProof.Read(proof.ToJson());

        Assert.Empty(read.Check());
        Assert.Equal(proof.ToJson(), read.ToJson());
        Assert.Equal(Noon.AddSeconds(5), read.Event.Timestamp);
    }

    // Whatever somebody changes in the document, it no longer holds, or is no proof any more.
    [Fact]
    public void No_value_of_a_proof_can_be_changed_without_notice()
    {
        using var key = SealKey.Create();
        var written = Encoding.UTF8.GetString(Proof(key).ToJson());
        var changed = 0;
        foreach (var path in ValuesOf(JsonNode.Parse(written)!))
            foreach (var other in (JsonNode?[])[JsonValue.Create(7), JsonValue.Create("7"), JsonValue.Create(new string('7', 64)), null])
            {
                var document = JsonNode.Parse(written)!;
                if (JsonNode.DeepEquals(Replace(document, path, other), other))
                    continue;
                Assert.True(IsNoticed(document.ToJsonString(), key.Public),
                    $"{string.Join('.', path)} = {other?.ToJsonString() ?? "null"}");
                changed++;
            }
        Assert.True(changed > 80, $"{changed} changes were made.");
    }

    [Fact]
    public void A_proof_that_leads_nowhere_holds_nothing()
    {
        var proof = Proof();
        Assert.Empty((proof with { InStudy = null }).Check());
        Assert.Empty((proof with { InSeal = null, Checkpoint = null }).Check());
        var nowhere = InclusionProof.Read((proof with { InStudy = null, InSeal = null, Checkpoint = null }).ToJson());
        Assert.Contains("leads to no root", Assert.Single(nowhere.Check()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_event_of_a_proof_is_the_line_that_an_export_has()
    {
        var proof = Proof();
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        proof.Event.WriteTo(line);
        Assert.Contains(Encoding.UTF8.GetString(line.WrittenSpan), Encoding.UTF8.GetString(proof.ToJson()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_proof_that_was_cut_off_is_none()
    {
        var written = Proof().ToJson();
        for (var length = 0; length < written.Length - 2; length += 7)
            Assert.Throws<FormatException>(() => InclusionProof.Read(written.AsMemory(0, length)));
    }

    [Theory]
    [InlineData("""{ "format": "ldcledger/1" }""", "its format is 'ldcledger/1', and not ldcledger-proof/1")]
    [InlineData("""{ "format": 3 }""", "format is a number, and should be a text")]
    [InlineData("[]", "format is looked for in something that is no JSON object")]
    [InlineData("""{ "format": "ldcledger-proof/1" }""", "previous is missing")]
    [InlineData("nothing", "it is no JSON document")]
    public void What_is_no_proof_is_said_not_to_be_one(string text, string why) => Assert.Contains(
        why, Assert.Throws<FormatException>(() => InclusionProof.Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);

    // Taking a part away takes a claim away, which is no lie; and the study's part says no more than its root is worth.
    private static bool IsNoticed(string document, PublicSealKey key)
    {
        InclusionProof read;
        try
        {
            read = InclusionProof.Read(Encoding.UTF8.GetBytes(document));
        }
        catch (FormatException)
        {
            return true;
        }
        return read.Check().Any() || Checkpoint.Parse(read.Checkpoint!).By([key]) is not SignatureState.Good;
    }

    private static IEnumerable<object[]> ValuesOf(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => ValuesOf(field.Value).Select(rest => (object[])[field.Key, .. rest])),
        JsonArray items => items.SelectMany((item, i) => ValuesOf(item).Select(rest => (object[])[i, .. rest])),
        _ => [[]],
    };

    // What stood there.
    private static JsonNode? Replace(JsonNode document, object[] path, JsonNode? other)
    {
        var parent = path[..^1].Aggregate(document, (node, step) => step is int i ? node[i]! : node[(string)step]!);
        var before = path[^1] is int at ? parent[at] : parent[(string)path[^1]];
        if (path[^1] is int index)
            parent[index] = other?.DeepClone();
        else
            parent[(string)path[^1]] = other?.DeepClone();
        return before;
    }
}
