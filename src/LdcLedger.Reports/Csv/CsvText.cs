using System.Text;
using LdcLedger.Domain;

namespace LdcLedger.Reports.Csv;

/// <summary>
/// Reads CSV (RFC 4180) as people and programs write it: lines end with CR LF, LF or CR, and a byte order mark is passed over.
/// </summary>
public static class CsvText
{
    /// <summary>A record and the line that it begins in, from 1 on.</summary>
    public readonly record struct Row(int Line, IReadOnlyList<string> Fields);

    /// <summary>All records, each with as many fields as the first; empty lines are none.</summary>
    /// <param name="name">As messages name the text.</param>
    /// <exception cref="RuleViolation">A quote does not end, or a record has more fields than the first, or fewer.</exception>
    public static IReadOnlyList<Row> Read(string text, string name)
    {
        var rows = new List<Row>();
        var (at, line) = (text.StartsWith('\uFEFF') ? 1 : 0, 1);
        while (at < text.Length)
        {
            var (first, fields) = (line, new List<string>());
            do
                fields.Add(Field(text, ref at, ref line, name));
            while (at < text.Length && text[at++] == ',');
            if (at < text.Length && text[at - 1] == '\r' && text[at] == '\n')
                at++;
            line++;
            if (fields is [""])
                continue;
            if (rows.Count > 0 && fields.Count != rows[0].Fields.Count)
                throw new RuleViolation(
                    $"{name}, line {first}: there are {Plural.Of(fields.Count, "field")}, and its first line has {rows[0].Fields.Count}.");
            rows.Add(new(first, fields));
        }
        return rows;
    }

    // Leaves `at` on the comma or the line's end after the field, or at the text's end.
    private static string Field(string text, ref int at, ref int line, string name)
    {
        if (at == text.Length || text[at] != '"')
        {
            var end = text.AsSpan(at).IndexOfAny(',', '\n', '\r') is >= 0 and var length ? at + length : text.Length;
            var plain = text[at..end];
            at = end;
            return plain;
        }
        var (field, opened) = (new StringBuilder(), line);
        for (at++; ; at++)
        {
            if (at == text.Length)
                throw new RuleViolation($"{name}, line {opened}: a quote is opened and does not end.");
            if (text[at] == '"' && (at + 1 == text.Length || text[at + 1] != '"'))
                break;
            if (text[at] == '"')
                at++;
            else if (text[at] == '\n' || text[at] == '\r' && (at + 1 == text.Length || text[at + 1] != '\n'))
                line++;
            field.Append(text[at]);
        }
        at++;
        while (at < text.Length && text[at] == ' ')
            at++;
        return at == text.Length || text[at] is ',' or '\n' or '\r'
            ? field.ToString() : throw new RuleViolation($"{name}, line {line}: there is text after a quote that ended.");
    }
}
