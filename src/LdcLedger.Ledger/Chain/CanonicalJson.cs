using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LdcLedger.Ledger.Chain;

/// <summary>
/// The canonical form of JSON (RFC 8785): keys sorted by UTF-16 code units, numbers as ECMAScript prints doubles, no white space.
/// PostgreSQL's jsonb reorders keys and rewrites numbers; the canonical form is the same before and after.
/// </summary>
public static class CanonicalJson
{
    public static byte[] Of(JsonElement element)
    {
        var into = new ArrayBufferWriter<byte>(512);
        Write(element, into);
        return into.WrittenSpan.ToArray();
    }

    public static void Write(JsonElement element, IBufferWriter<byte> into)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, into);
                break;
            case JsonValueKind.Array:
                into.Write("["u8);
                var first = true;
                foreach (var item in element.EnumerateArray())
                {
                    if (!first)
                        into.Write(","u8);
                    first = false;
                    Write(item, into);
                }
                into.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteString(element.GetString()!, into);
                break;
            case JsonValueKind.Number:
                Encoding.UTF8.GetBytes(Number(element.GetDouble()), into);
                break;
            case JsonValueKind.True:
                into.Write("true"u8);
                break;
            case JsonValueKind.False:
                into.Write("false"u8);
                break;
            case JsonValueKind.Null:
                into.Write("null"u8);
                break;
            default:
                throw new ArgumentException($"JSON of the kind {element.ValueKind} has no canonical form.", nameof(element));
        }
    }

    private static void WriteObject(JsonElement element, IBufferWriter<byte> into)
    {
        var properties = element.EnumerateObject().ToArray();
        Array.Sort(properties, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        into.Write("{"u8);
        for (var i = 0; i < properties.Length; i++)
        {
            if (i > 0)
                into.Write(","u8);
            WriteString(properties[i].Name, into);
            into.Write(":"u8);
            Write(properties[i].Value, into);
        }
        into.Write("}"u8);
    }

    private static void WriteString(string text, IBufferWriter<byte> into)
    {
        into.Write("\""u8);
        var plain = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c >= ' ' && c is not ('"' or '\\'))
                continue;
            Encoding.UTF8.GetBytes(text.AsSpan(plain, i - plain), into);
            plain = i + 1;
            var escaped = c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ => $"\\u{(int)c:x4}",
            };
            Encoding.UTF8.GetBytes(escaped, into);
        }
        Encoding.UTF8.GetBytes(text.AsSpan(plain), into);
        into.Write("\""u8);
    }

    /// <summary>As ECMAScript's Number.prototype.toString prints it (ECMA-262 section 6.1.6.1.20).</summary>
    internal static string Number(double value)
    {
        if (Math.Abs(value) < 1e15 && value == Math.Truncate(value))
            return ((long)value).ToString(CultureInfo.InvariantCulture);   // minus zero, too, is 0
        // .NET's R has the same shortest digits; only their layout differs.
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var parts = text.Split('E');
        var mantissa = parts[0].Split('.');
        var digits = string.Concat(mantissa);
        var point =
            mantissa[0].Length + (parts.Length == 2 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0);
        point -= digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');                                        // value = 0.digits * 10^point
        text = point switch
        {
            > 0 and <= 21 when digits.Length <= point => digits.PadRight(point, '0'),
            > 0 and <= 21 => $"{digits[..point]}.{digits[point..]}",
            > -6 and <= 0 => $"0.{new string('0', -point)}{digits}",
            _ => $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(point > 0 ? "+" : "-")}{Math.Abs(point - 1)}",
        };
        return value < 0 ? "-" + text : text;
    }
}
