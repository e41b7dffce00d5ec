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
/// <remarks>Every event of a ledger passes through here when it is verified: one pass, and what is canonical already is copied.</remarks>
public sealed class CanonicalJson
{
    // 15 digits are never more than a double tells apart, so that no shorter number means the same one.
    private const int ExactDigits = 15;

    [ThreadStatic]
    private static CanonicalJson? OfThread;

    // A member of an object that is being read: where it was written, and how long its name is there, with quotes.
    private readonly record struct Member(int From, int To, int NameLength, string? OddName);

    private readonly List<Member> _members = [];
    private byte[] _written = new byte[4_096];
    private byte[] _sorted = new byte[4_096];
    private int _count;

    private readonly Comparison<Member> _byName;

    private CanonicalJson() => _byName = ByName;

    public static byte[] Of(JsonElement element)
    {
        var into = new ArrayBufferWriter<byte>(512);
        Write(element, into);
        return into.WrittenSpan.ToArray();
    }

    public static void Write(JsonElement element, IBufferWriter<byte> into) => Write(JsonMarshal.GetRawUtf8Value(element), into);

    /// <param name="json">One value, in UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON, or nested deeper than 64 levels.</exception>
    public static void Write(ReadOnlySpan<byte> json, IBufferWriter<byte> into)
    {
        var writer = OfThread ??= new();
        writer._members.Clear();
        writer._count = 0;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        writer.WriteValue(ref reader);
        into.Write(writer._written.AsSpan(0, writer._count));
    }

    private void WriteValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader);
                break;
            case JsonTokenType.StartArray:
                Put("["u8);
                for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
                {
                    if (!first)
                        Put(","u8);
                    WriteValue(ref reader);
                }
                Put("]"u8);
                break;
            case JsonTokenType.String or JsonTokenType.PropertyName when !reader.ValueIsEscaped:
                Put("\""u8);
                Put(reader.ValueSpan);
                Put("\""u8);
                break;
            case JsonTokenType.String or JsonTokenType.PropertyName:
                WriteString(reader.GetString()!);
                break;
            case JsonTokenType.Number when IsCanonical(reader.ValueSpan):
                Put(reader.ValueSpan);
                break;
            case JsonTokenType.Number:
                WriteNumber(reader.GetDouble());
                break;
            case JsonTokenType.True:
                Put("true"u8);
                break;
            case JsonTokenType.False:
                Put("false"u8);
                break;
            case JsonTokenType.Null:
                Put("null"u8);
                break;
            default:
                throw new JsonException($"{reader.TokenType} has no canonical form.");
        }
    }

    // Members as they come, then sorted.
    private void WriteObject(ref Utf8JsonReader reader)
    {
        var (from, firstMember) = (_count, _members.Count);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var begins = _count;
            var odd = reader.ValueIsEscaped || !Ascii.IsValid(reader.ValueSpan) ? reader.GetString() : null;
            WriteValue(ref reader);
            var name = _count - begins;
            Put(":"u8);
            reader.Read();
            WriteValue(ref reader);
            _members.Add(new(begins, _count, name, odd));
        }
        var members = CollectionsMarshal.AsSpan(_members)[firstMember..];
        members.Sort(_byName);
        var length = _count - from + members.Length + 1;
        if (_sorted.Length < length)
            _sorted = new byte[2 * length];
        var at = 0;
        _sorted[at++] = (byte)'{';
        foreach (var member in members)
        {
            if (at > 1)
                _sorted[at++] = (byte)',';
            _written.AsSpan(member.From, member.To - member.From).CopyTo(_sorted.AsSpan(at));
            at += member.To - member.From;
        }
        _sorted[at++] = (byte)'}';
        _members.RemoveRange(firstMember, members.Length);
        _count = from;
        Put(_sorted.AsSpan(0, at));
    }

    // UTF-8 and UTF-16 sort alike as long as both are ASCII.
    private int ByName(Member a, Member b) => a.OddName is null && b.OddName is null
        ? NameOf(a).SequenceCompareTo(NameOf(b))
        : string.CompareOrdinal(a.OddName ?? Encoding.ASCII.GetString(NameOf(a)), b.OddName ?? Encoding.ASCII.GetString(NameOf(b)));

    private ReadOnlySpan<byte> NameOf(Member member) => _written.AsSpan(member.From + 1, member.NameLength - 2);

    private void WriteString(string text)
    {
        Put("\""u8);
        var plain = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c >= ' ' && c is not ('"' or '\\'))
                continue;
            Put(Encoding.UTF8.GetBytes(text, plain, i - plain));
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
            Put(Encoding.ASCII.GetBytes(escaped));
        }
        Put(Encoding.UTF8.GetBytes(text, plain, text.Length - plain));
        Put("\""u8);
    }

    // Digits, with a point where there are not too many of them, as they would be printed.
    private static bool IsCanonical(ReadOnlySpan<byte> number)
    {
        if (number.Length > ExactDigits || number.ContainsAnyExcept("0123456789."u8))
            return false;
        var point = number.IndexOf((byte)'.');
        return point < 0 || number[^1] != '0' && !number.StartsWith("0.000000"u8);
    }

    private void WriteNumber(double value)
    {
        Span<byte> shortest = stackalloc byte[32];
        if (value != 0 && double.IsFinite(value) && value.TryFormat(shortest, out var length, default, CultureInfo.InvariantCulture)
            && !shortest[..length].Contains((byte)'E'))
            Put(shortest[..length]);
        else
            Put(Encoding.ASCII.GetBytes(Number(value)));
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

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (_written.Length - _count < bytes.Length)
            Array.Resize(ref _written, 2 * (_written.Length + bytes.Length));
        bytes.CopyTo(_written.AsSpan(_count));
        _count += bytes.Length;
    }
}
