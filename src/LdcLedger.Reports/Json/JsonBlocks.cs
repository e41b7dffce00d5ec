using System.Text.Json;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Latex;

namespace LdcLedger.Reports.Json;

/// <summary>A block as the keys of an object; the first, <c>kind</c>, says which others there are.</summary>
internal sealed class JsonBlocks(Utf8JsonWriter json) : IBlockRenderer<ValueTuple>
{
    private readonly JsonCharts _charts = new(json);

    public ValueTuple Draw(Paragraph block)
    {
        json.WriteString("kind", "paragraph");
        json.WriteString("text", block.Text);
        return default;
    }

    public ValueTuple Draw(BulletList block)
    {
        json.WriteString("kind", "bullets");
        json.WriteStartArray("items");
        foreach (var item in block.Items)
            json.WriteStringValue(item);
        json.WriteEndArray();
        return default;
    }

    public ValueTuple Draw(FactList block)
    {
        json.WriteString("kind", "facts");
        Facts(json, block.Facts);
        return default;
    }

    public ValueTuple Draw(KeyNumbers block)
    {
        json.WriteString("kind", "key_numbers");
        json.WriteStartArray("numbers");
        foreach (var number in block.Numbers)
        {
            json.WriteStartObject();
            json.WriteString("value", number.Value);
            json.WriteString("label", number.Label);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        return default;
    }

    public ValueTuple Draw(Verbatim block)
    {
        json.WriteString("kind", "verbatim");
        json.WriteString("text", block.Text);
        return default;
    }

    public ValueTuple Draw(Equation block)
    {
        json.WriteString("kind", "equation");
        json.WriteString("name", block.Name);
        json.WriteString("label", block.Label);
        json.WriteString("text", FormulaWords.Of(block.Formula));
        json.WriteString("latex", LatexFormula.Of(block.Formula));
        return default;
    }

    public ValueTuple Draw(ReportTable block)
    {
        json.WriteString("kind", "table");
        json.WriteString("name", block.Name);
        json.WriteString("label", block.Label);
        json.WriteString("caption", block.Caption);
        json.WriteString("data", block.Data);
        json.WriteStartArray("columns");
        foreach (var column in block.Columns)
        {
            json.WriteStartObject();
            json.WriteString("title", column.Title);
            json.WriteString("holds", Word(column.Kind));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("groups");
        foreach (var group in block.Groups)
        {
            json.WriteStartObject();
            json.WriteString("title", group.Title);
            json.WriteStartArray("rows");
            foreach (var row in group.Rows)
                JsonValues.Row(json, row.Select(cell => cell.Text));
            json.WriteEndArray();
            Marked(block, group);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (var note in block.Notes)
        {
            json.WriteStartObject();
            json.WriteString("mark", note.Mark);
            json.WriteString("text", note.Text);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        return default;
    }

    public ValueTuple Draw(FigureGrid block)
    {
        json.WriteString("kind", "figures");
        json.WriteString("anchor", block.Anchor);
        json.WriteString("label", block.Label);
        json.WriteString("caption", block.Caption);
        json.WriteStartArray("figures");
        foreach (var figure in block.Figures)
        {
            json.WriteStartObject();
            json.WriteString("file", figure.File);
            json.WriteString("note", figure.Note);
            figure.Chart.Draw(_charts);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        return default;
    }

    public static void Facts(Utf8JsonWriter json, IReadOnlyList<ReportFact> facts)
    {
        json.WriteStartArray("facts");
        foreach (var fact in facts)
        {
            json.WriteStartObject();
            json.WriteString("name", fact.Name);
            json.WriteString("value", fact.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Rows are words alone, easily read; what some cells have beside them is a list of its own.</summary>
    private void Marked(ReportTable table, ReportRowGroup group)
    {
        json.WriteStartArray("cells");
        foreach (var (row, r) in group.Rows.Select((row, r) => (row, r)))
            foreach (var (cell, c) in row.Select((cell, c) => (cell, c)).Where(cell => cell.cell.Bold || cell.cell.Mark is not null))
            {
                json.WriteStartObject();
                json.WriteNumber("row", r);
                json.WriteNumber("column", c);
                json.WriteBoolean("bold", cell.Bold);
                json.WriteString("mark", cell.Mark);
                json.WriteEndObject();
            }
        json.WriteEndArray();
    }

    private static string Word(ColumnKind kind) => kind switch
    {
        ColumnKind.Words => "words",
        ColumnKind.Number => "number",
        ColumnKind.Exact => "exact",
    };
}
