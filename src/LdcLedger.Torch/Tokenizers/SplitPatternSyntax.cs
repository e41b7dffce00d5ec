using System.Globalization;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>What a pattern is made of, once parsed.</summary>
internal abstract record PatternNode
{
    public sealed record One(RuneSet Set) : PatternNode;
    public sealed record All(IReadOnlyList<PatternNode> Parts) : PatternNode;
    public sealed record Any(IReadOnlyList<PatternNode> Choices) : PatternNode;
    public sealed record Repeat(PatternNode Part, int Low, int High, RepeatKind Kind) : PatternNode;
    public sealed record Look(PatternNode Part, bool Ahead, bool Wanted) : PatternNode;
    public sealed record Atomic(PatternNode Part) : PatternNode;
    public sealed record Place(PlaceKind Kind) : PatternNode;
}

internal enum RepeatKind { Greedy, Lazy, Possessive }

internal enum PlaceKind { TextStart, TextEnd, TextEndOrLastNewline, LineStart, LineEnd, WordBorder, NoWordBorder }

/// <summary>
/// Parses the regular expressions of tokenizer.json. The reference library reads them with Oniguruma in Ruby's syntax: <c>^</c> and
/// <c>$</c> are always of the line, <c>(?m)</c> lets the dot match newlines, and <c>{n,m}+</c> is a repeat of a repeat, not a possessive
/// one. Back references, conditionals and subroutine calls are refused: no tokenizer uses them.
/// </summary>
internal sealed class SplitPatternSyntax
{
    private const int Unbounded = int.MaxValue;
    private readonly string _pattern;
    private readonly Func<string, InvalidInputException> _refuse;
    private int _at;
    private bool _ignoreCase, _dotAll, _extended;

    private SplitPatternSyntax(string pattern, Func<string, InvalidInputException> refuse) => (_pattern, _refuse) = (pattern, refuse);

    /// <param name="refuse">Makes the error of a pattern that cannot be read; gets what is wrong and where.</param>
    public static PatternNode Parse(string pattern, Func<string, InvalidInputException> refuse)
    {
        var syntax = new SplitPatternSyntax(pattern, refuse);
        var node = syntax.Choices();
        return syntax._at == pattern.Length ? node : throw syntax.Wrong("has an unmatched ')'");
    }

    private InvalidInputException Wrong(string what) => _refuse($"{what} at character {_at + 1}");

    private bool Ended => _at >= _pattern.Length;
    private char Here => _pattern[_at];
    private bool Take(string text)
    {
        if (string.CompareOrdinal(_pattern, _at, text, 0, text.Length) != 0)
            return false;
        _at += text.Length;
        return true;
    }

    private int NextRune()
    {
        if (Ended)
            throw Wrong("ends too early");
        var value = char.IsSurrogatePair(_pattern, _at) ? char.ConvertToUtf32(_pattern, _at) : _pattern[_at];
        _at += value > 0xFFFF ? 2 : 1;
        return value;
    }

    private PatternNode Choices()
    {
        var (ignoreCase, dotAll, extended) = (_ignoreCase, _dotAll, _extended);
        var choices = new List<PatternNode> { Parts() };
        while (!Ended && Here == '|')
        {
            _at++;
            choices.Add(Parts());
        }
        (_ignoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);   // an inline option ends with its group
        return choices.Count == 1 ? choices[0] : new PatternNode.Any(choices);
    }

    private PatternNode Parts()
    {
        var parts = new List<PatternNode>();
        while (!Ended && Here is not ('|' or ')'))
        {
            if (_extended && (char.IsWhiteSpace(Here) || Here == '#'))
            {
                if (Here == '#')
                    while (!Ended && Here != '\n')
                        _at++;
                else
                    _at++;
                continue;
            }
            if (Atom() is { } atom)
                parts.Add(Repeated(atom));
        }
        return parts.Count == 1 ? parts[0] : new PatternNode.All(parts);
    }

    private PatternNode Repeated(PatternNode part)
    {
        while (!Ended)
        {
            int low, high;
            var interval = false;
            if (Take("*")) (low, high) = (0, Unbounded);
            else if (Take("+")) (low, high) = (1, Unbounded);
            else if (Take("?")) (low, high) = (0, 1);
            else if (Here == '{' && Interval() is { } bounds) (low, high, interval) = (bounds.Low, bounds.High, true);
            else break;
            if (part is PatternNode.Look or PatternNode.Place)
                throw Wrong("repeats something that has no width");
            var kind = RepeatKind.Greedy;
            if (!Ended && Here == '?' && !(interval && low == high)) kind = RepeatKind.Lazy;
            else if (!Ended && Here == '+' && !interval) kind = RepeatKind.Possessive;
            if (kind != RepeatKind.Greedy)
                _at++;
            part = new PatternNode.Repeat(part, low, high, kind);
        }
        return part;
    }

    /// <summary>{n}, {n,}, {,m} or {n,m}; anything else in braces is literal text.</summary>
    private (int Low, int High)? Interval()
    {
        var end = _pattern.IndexOf('}', _at);
        if (end < 0)
            return null;
        var bounds = _pattern[(_at + 1)..end].Split(',');
        if (bounds.Length > 2 || bounds.Any(b => b.Any(c => !char.IsAsciiDigit(c))) || bounds.All(b => b.Length == 0))
            return null;
        int Bound(string digits, int otherwise) => digits.Length == 0 ? otherwise
            : int.TryParse(digits, CultureInfo.InvariantCulture, out var value) && value <= 1000
                ? value : throw Wrong("repeats something more than 1000 times");
        var low = Bound(bounds[0], 0);
        var high = bounds.Length == 1 ? low : Bound(bounds[1], Unbounded);
        if (low > high)
            throw Wrong("has an interval whose bounds are in the wrong order");
        _at = end + 1;
        return (low, high);
    }

    private PatternNode? Atom()
    {
        switch (Here)
        {
            case '(': return Group();
            case '[': _at++; return new PatternNode.One(Cased(Class()));
            case '.': _at++; return new PatternNode.One(_dotAll ? new RuneSet(_ => true) : new RuneSet(v => v != '\n'));
            case '^': _at++; return new PatternNode.Place(PlaceKind.LineStart);
            case '$': _at++; return new PatternNode.Place(PlaceKind.LineEnd);
            case '*' or '+' or '?': throw Wrong("repeats nothing");
            case '\\': return Escape();
            default: return new PatternNode.One(_ignoreCase ? RuneSet.OfAnyCase(NextRune()) : RuneSet.Of(NextRune()));
        }
    }

    private RuneSet Cased(RuneSet set) => _ignoreCase ? RuneSet.IgnoringCase(set) : set;

    private PatternNode? Group()
    {
        _at++;
        if (Take("?#"))
        {
            _at = _pattern.IndexOf(')', _at) is var end && end >= 0 ? end + 1 : throw Wrong("has a comment without end");
            return null;
        }
        PatternNode Inner(Func<PatternNode, PatternNode> wrap)
        {
            var inner = Choices();
            return Take(")") ? wrap(inner) : throw Wrong("has a '(' without ')'");
        }
        if (Take("?:")) return Inner(p => p);
        if (Take("?=")) return Inner(p => new PatternNode.Look(p, Ahead: true, Wanted: true));
        if (Take("?!")) return Inner(p => new PatternNode.Look(p, Ahead: true, Wanted: false));
        if (Take("?<=")) return Inner(p => new PatternNode.Look(p, Ahead: false, Wanted: true));
        if (Take("?<!")) return Inner(p => new PatternNode.Look(p, Ahead: false, Wanted: false));
        if (Take("?>")) return Inner(p => new PatternNode.Atomic(p));
        if (Take("?<") || Take("?P<"))
        {
            _at = _pattern.IndexOf('>', _at) is var end && end >= 0 ? end + 1 : throw Wrong("has a group name without '>'");
            return Inner(p => p);
        }
        if (!Take("?"))
            return Inner(p => p);

        var (ignoreCase, dotAll, extended, on) = (_ignoreCase, _dotAll, _extended, true);
        for (; !Ended && Here is not (')' or ':'); _at++)
        {
            switch (Here)
            {
                case '-': on = false; break;
                case 'i': ignoreCase = on; break;
                case 'm' or 's': dotAll = on; break;
                case 'x': extended = on; break;
                default: throw Wrong($"uses the unknown group option '?{Here}'");
            }
        }
        var before = (_ignoreCase, _dotAll, _extended);
        (_ignoreCase, _dotAll, _extended) = (ignoreCase, dotAll, extended);
        if (Take(")"))
            return Choices();   // (?i) holds to the end of the group around it
        if (!Take(":"))
            throw Wrong("has a '(' without ')'");
        var node = Inner(p => p);
        (_ignoreCase, _dotAll, _extended) = before;
        return node;
    }

    private PatternNode Escape()
    {
        var kind = _at + 1 < _pattern.Length ? _pattern[_at + 1] : throw Wrong("ends with a backslash");
        PlaceKind? place = kind switch
        {
            'A' => PlaceKind.TextStart, 'z' => PlaceKind.TextEnd, 'Z' => PlaceKind.TextEndOrLastNewline,
            'b' => PlaceKind.WordBorder, 'B' => PlaceKind.NoWordBorder, _ => null,
        };
        if (place is { } at)
        {
            _at += 2;
            return new PatternNode.Place(at);
        }
        if (kind == 'R')
        {
            _at += 2;
            PatternNode crlf = new PatternNode.All([new PatternNode.One(RuneSet.Of('\r')), new PatternNode.One(RuneSet.Of('\n'))]);
            return new PatternNode.Atomic(
                new PatternNode.Any([crlf, new PatternNode.One(new RuneSet(v => v is >= 10 and <= 13 or 0x85 or 0x2028 or 0x2029))]));
        }
        return new PatternNode.One(Cased(EscapedSet(inClass: false)));
    }

    /// <summary>The set that stands for the escape at this place: \p{L}, \s, \n, \x41, an escaped sign.</summary>
    private RuneSet EscapedSet(bool inClass)
    {
        _at++;
        var kind = NextRune();
        switch (kind)
        {
            case 's': return RuneSet.Space;
            case 'S': return RuneSet.Not(RuneSet.Space);
            case 'd': return RuneSet.Digit;
            case 'D': return RuneSet.Not(RuneSet.Digit);
            case 'w': return RuneSet.Word;
            case 'W': return RuneSet.Not(RuneSet.Word);
            case 'h': return RuneSet.HexDigit;
            case 'H': return RuneSet.Not(RuneSet.HexDigit);
            case 'p' or 'P':
                var end = Ended || Here != '{' ? -1 : _pattern.IndexOf('}', _at);
                if (end < 0)
                    throw Wrong($"has \\{(char)kind} without a property in braces");
                var name = _pattern[(_at + 1)..end];
                var negated = kind == 'P' ^ name.StartsWith('^');
                var set = RuneSet.OfProperty(name.TrimStart('^')) ?? throw Wrong($"asks for the unknown Unicode property '{name}'");
                _at = end + 1;
                return negated ? RuneSet.Not(set) : set;
            default: return RuneSet.Of(EscapedValue(kind, inClass));
        }
    }

    private int EscapedValue(int kind, bool inClass)
    {
        int Hex(string digits) => int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            && value is <= 0x10FFFF and not (>= 0xD800 and <= 0xDFFF)
            ? value : throw Wrong("has a code that is no Unicode value");
        string Digits(int most)
        {
            var start = _at;
            while (!Ended && _at - start < most && char.IsAsciiHexDigit(Here))
                _at++;
            return _pattern[start.._at];
        }
        switch (kind)
        {
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'f': return '\f';
            case 'v': return '\v';
            case 'a': return '\a';
            case 'e': return 0x1B;
            case 'b' when inClass: return '\b';
            case '0': return 0;
            case 'u': return Hex(Digits(4));
            case 'x' when Take("{"):
                var value = Hex(Digits(8));
                return Take("}") ? value : throw Wrong("has \\x{ without }");
            case 'x': return Hex(Digits(2));
        }
        return kind < 0x80 && char.IsAsciiLetterOrDigit((char)kind) ? throw Wrong($"uses the unsupported escape '\\{(char)kind}'") : kind;
    }

    /// <summary>A character class after its opening bracket: ranges, escapes, nested classes, [:names:] and &amp;&amp;.</summary>
    private RuneSet Class()
    {
        var negated = Take("^");
        RuneSet? met = null, union = null;
        void Add(RuneSet set) => union = union is null ? set : RuneSet.Either(union, set);
        for (var first = true; ; first = false)
        {
            if (Ended)
                throw Wrong("has a '[' without ']'");
            if (Here == ']' && !first)
                break;
            if (Take("&&"))
            {
                met = Meet(met, union);
                union = null;
                continue;
            }
            if (Take("[:"))
            {
                var end = _pattern.IndexOf(":]", _at, StringComparison.Ordinal);
                var name = end < 0 ? "" : _pattern[_at..end];
                var set = RuneSet.OfProperty(name.TrimStart('^')) ?? throw Wrong($"asks for the unknown class '[:{name}:]'");
                Add(name.StartsWith('^') ? RuneSet.Not(set) : set);
                _at = end + 2;
                continue;
            }
            if (Here == '[')
            {
                _at++;
                Add(Class());
                continue;
            }
            Add(ClassItem());
        }
        _at++;
        var result = Meet(met, union);
        return negated ? RuneSet.Not(result) : result;
    }

    private static RuneSet Meet(RuneSet? met, RuneSet? union)
    {
        var right = union ?? new RuneSet(_ => false);
        return met is null ? right : RuneSet.Both(met, right);
    }

    private RuneSet ClassItem()
    {
        if (Here == '\\' && _at + 1 < _pattern.Length && "sSdDwWhHpP".Contains(_pattern[_at + 1]))
            return EscapedSet(inClass: true);
        var low = ClassValue();
        if (Ended || Here != '-' || _at + 1 >= _pattern.Length || _pattern[_at + 1] == ']')
            return RuneSet.Of(low);
        if (_pattern[_at + 1] == '[' || _pattern[_at + 1] == '\\' && _at + 2 < _pattern.Length && "sSdDwWhHpP".Contains(_pattern[_at + 2]))
            return RuneSet.Of(low);   // the hyphen stands for itself
        _at++;
        var high = ClassValue();
        return low <= high ? RuneSet.Between(low, high) : throw Wrong("has a range whose ends are in the wrong order");
    }

    private int ClassValue()
    {
        if (Here != '\\')
            return NextRune();
        _at++;
        return EscapedValue(NextRune(), inClass: true);
    }
}
