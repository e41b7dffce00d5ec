using System.Text.Encodings.Web;
using System.Text.Json;
using LdcLedger.Domain.Rules;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Json;

/// <summary>
/// The whole report as one JSON document: every block as the other forms print it, and what was printed in full precision.
/// <c>infra/report-files.md</c> describes it.
/// </summary>
public static class JsonReport
{
    /// <summary>A key may come to it; none changes its meaning or goes without another number here.</summary>
    public const string Format = "ldcledger-document/1";

    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static byte[] Of(ReportDocument document)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Layout))
            Write(json, document);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ReportDocument document)
    {
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteString("title", document.Title);
        json.WriteString("subtitle", document.Subtitle);
        json.WriteString("notice", document.Notice);
        json.WriteString("footer", document.Footer);
        json.WriteString("as_of", JsonValues.Moment(document.AsOf));
        json.WriteStartObject("origin");
        json.WriteString("study", document.Origin.Study);
        json.WriteNumber("position", document.Origin.Position);
        json.WriteString("root", document.Origin.Root);
        json.WriteStartArray("rules");
        foreach (var rule in document.Origin.Rules)
        {
            json.WriteStartObject();
            json.WriteString("reference", rule.Reference);
            json.WriteString("hash", rule.Hash);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("ldc", document.Origin.LdcVersion);
        json.WriteStartArray("fonts");
        foreach (var font in document.Origin.Fonts)
        {
            json.WriteStartObject();
            json.WriteString("name", font.Name);
            json.WriteString("sha256", font.Sha256);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("tables_sha256", document.Origin.TablesSha256);
        json.WriteEndObject();
        JsonBlocks.Facts(json, document.Facts);
        Sections(json, document.Sections, new JsonBlocks(json));
        json.WriteStartArray("data");
        foreach (var data in document.Data)
            Data(json, data);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Sections(Utf8JsonWriter json, IReadOnlyList<ReportSection> sections, JsonBlocks blocks)
    {
        json.WriteStartArray("sections");
        foreach (var section in sections)
        {
            json.WriteStartObject();
            json.WriteString("anchor", section.Anchor);
            json.WriteString("title", section.Title);
            json.WriteStartArray("blocks");
            foreach (var block in section.Blocks)
            {
                json.WriteStartObject();
                block.Draw(blocks);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            Sections(json, section.Sections, blocks);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Data(Utf8JsonWriter json, DataFile data)
    {
        json.WriteStartObject();
        json.WriteString("path", data.Path);
        json.WriteStartArray("header");
        foreach (var name in data.Header)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (var row in data.Rows)
            JsonValues.Row(json, row);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
