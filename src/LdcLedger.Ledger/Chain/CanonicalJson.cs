using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace LdcLedger.Ledger.Chain;

/// <summary>
/// The canonical form of JSON (RFC 8785): keys sorted by UTF-16 code units, numbers as ECMAScript prints doubles, no white space.
/// PostgreSQL's jsonb reorders keys and rewrites numbers; the canonical form is the same before and after.
/// </summary>
/// <remarks>Every event of a ledger passes through here when it is verified: what is canonical already is copied as it stands.</remarks>
public static class CanonicalJson
{
    private const int ExactIntegerDigits = 15;   // any integer of so many digits is a double

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
                var text = JsonMarshal.GetRawUtf8Value(element);
                if (text.Contains((byte)'\\'))
                    WriteString(element.GetString()!, into);
                else
                    into.Write(text);
                break;
            case JsonValueKind.Number:
                WriteNumber(element, into);
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
        var properties = ArrayPool<JsonProperty>.Shared.Rent(element.GetPropertyCount());
        var count = 0;
        foreach (var property in element.EnumerateObject())
            properties[count++] = property;
        var sorted = properties.AsSpan(0, count);
        sorted.Sort(ByName);
        into.Write("{"u8);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                into.Write(","u8);
            var name = JsonMarshal.GetRawUtf8PropertyName(sorted[i]);
            if (name.Contains((byte)'\\'))
                WriteString(sorted[i].Name, into);
            else
            {
                into.Write("\""u8);
                into.Write(name);
                into.Write("\""u8);
            }
            into.Write(":"u8);
            Write(sorted[i].Value, into);
        }
        into.Write("}"u8);
        ArrayPool<JsonProperty>.Shared.Return(properties, clearArray: true);
    }

    // UTF-8 and UTF-16 sort alike as long as both are ASCII.
    private static int ByName(JsonProperty a, JsonProperty b)
    {
        var x = JsonMarshal.GetRawUtf8PropertyName(a);
        var y = JsonMarshal.GetRawUtf8PropertyName(b);
        return IsPlain(x) && IsPlain(y) ? x.SequenceCompareTo(y) : string.CompareOrdinal(a.Name, b.Name);

        static bool IsPlain(ReadOnlySpan<byte> name) => Ascii.IsValid(name) && !name.Contains((byte)'\\');
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

    private static void WriteNumber(JsonElement element, IBufferWriter<byte> into)
    {
        var text = JsonMarshal.GetRawUtf8Value(element);
        if (text.Length <= ExactIntegerDigits && text[0] != '-' && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            into.Write(text);
            return;
        }
        var value = element.GetDouble();
        Span<byte> shortest = stackalloc byte[32];
        if (value != 0 && value.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture)
            && double.IsFinite(value) && !shortest[..length].Contains((byte)'E'))
            into.Write(shortest[..length]);
        else
            Encoding.UTF8.GetBytes(Number(value), into);
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
