namespace LdcLedger.Torch.Tokenizers;

/// <summary>
/// A regular expression of tokenizer.json, ready to be searched for: a backtracking machine with its own stack, so that no text, however
/// long, overflows the thread's. Loops over one class of signs, which is what the patterns of tokenizers are made of, run without pushing
/// anything.
/// </summary>
internal sealed class SplitPattern
{
    private enum Op { One, Loop, Try, TryLazy, Jump, Look, LookBehind, Atomic, Place, Mark, Advanced, Match }

    /// <param name="A">Target, or the least number of repeats, or the register.</param>
    /// <param name="B">Second target, or the largest number of repeats.</param>
    private readonly record struct Step(Op Op, RuneSet? Set = null, int A = 0, int B = 0, RepeatKind Kind = RepeatKind.Greedy,
        PlaceKind Place = PlaceKind.TextStart, bool Wanted = true);

    /// <summary>A way not yet tried: where to go on, and from which places on (a loop can give back signs down to <c>Least</c>).</summary>
    private readonly record struct Choice(int Step, int At, int Least, int Register = -1);

    private readonly List<Step> _steps = [];
    private Step[] _program = [];
    private int _registers;

    [ThreadStatic] private static Choice[]? Stack;
    [ThreadStatic] private static int[]? Marks;
    [ThreadStatic] private static int Seen;

    private SplitPattern() { }

    /// <param name="refuse">Makes the error of a pattern that cannot be read; gets what is wrong and where.</param>
    public static SplitPattern Parse(string pattern, Func<string, InvalidInputException> refuse)
    {
        var program = new SplitPattern();
        program.Emit(SplitPatternSyntax.Parse(pattern, refuse), refuse);
        return program.Finish();
    }

    /// <summary>Matches the text itself, sign by sign.</summary>
    public static SplitPattern Literal(string text)
    {
        var program = new SplitPattern();
        foreach (var rune in text.EnumerateRunes())
            program._steps.Add(new Step(Op.One, RuneSet.Of(rune.Value)));
        return program.Finish();
    }

    private SplitPattern Finish()
    {
        _steps.Add(new Step(Op.Match));
        _program = [.. _steps];
        return this;
    }

    /// <summary>
    /// Every match in <paramref name="text"/> from left to right, as Oniguruma's find_iter: an empty match right after another match is
    /// skipped.
    /// </summary>
    public IEnumerable<(int Start, int End)> Matches(string text, int start, int end)
    {
        var lastEnd = -1;
        for (var at = start; at <= end;)
        {
            var matchEnd = -1;
            var matchStart = at;
            for (; matchStart <= end; matchStart += matchStart < end ? Width(text, matchStart, end) : 1)
                if ((matchEnd = Run(0, text, start, matchStart, end, bottom: 0)) >= 0)
                    break;
            if (matchEnd < 0)
                yield break;
            if (matchStart == matchEnd && lastEnd == matchEnd)
            {
                at = matchEnd + (matchEnd < end ? Width(text, matchEnd, end) : 1);
                continue;
            }
            yield return (matchStart, matchEnd);
            at = lastEnd = matchEnd;
        }
    }

    /// <summary>
    /// As <see cref="Matches"/>; with each match, how much of the text decided it and those before: on a text that begins with the first
    /// <c>Seen</c> characters of this one, whatever follows or ends there, they are the same.
    /// </summary>
    public IEnumerable<(int Start, int End, int Seen)> MatchesSeen(string text, int start, int end)
    {
        var seen = 0;
        using var matches = Matches(text, start, end).GetEnumerator();
        while (true)
        {
            Seen = 0;   // the thread's, so that the others need not carry it; nothing else runs on it during one step
            var found = matches.MoveNext();
            seen = Math.Max(seen, Seen);
            if (!found)
                yield break;
            yield return (matches.Current.Start, matches.Current.End, seen);
        }
    }

    /// <summary>Whether no match depends on what stands before the place where the search began or goes on.</summary>
    public bool LooksOnlyAhead => _program.All(step => step.Op is not (Op.LookBehind or Op.Place));

    private static int Width(string text, int at, int end) =>
        char.IsHighSurrogate(text[at]) && at + 1 < end && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    private static int ValueAt(string text, int at, int end, out int width)
    {
        width = Width(text, at, end);
        return width == 2 ? char.ConvertToUtf32(text[at], text[at + 1]) : char.IsSurrogate(text[at]) ? 0xFFFD : text[at];
    }

    private static int ValueBefore(string text, int at, int start) =>
        char.IsLowSurrogate(text[at - 1]) && at - 1 > start && char.IsHighSurrogate(text[at - 2])
            ? char.ConvertToUtf32(text[at - 2], text[at - 1]) : text[at - 1];

    private void Emit(PatternNode node, Func<string, InvalidInputException> refuse)
    {
        switch (node)
        {
            case PatternNode.One one:
                _steps.Add(new Step(Op.One, one.Set));
                break;
            case PatternNode.All all:
                foreach (var part in all.Parts)
                    Emit(part, refuse);
                break;
            case PatternNode.Any any:
                EmitChoices(any.Choices, refuse);
                break;
            case PatternNode.Repeat { Part: PatternNode.One one } repeat:
                _steps.Add(new Step(Op.Loop, one.Set, repeat.Low, repeat.High, repeat.Kind));
                break;
            case PatternNode.Repeat { Kind: RepeatKind.Possessive } repeat:
                EmitSub(Op.Atomic, repeat with { Kind = RepeatKind.Greedy }, refuse);
                break;
            case PatternNode.Repeat repeat:
                EmitRepeat(repeat, refuse);
                break;
            case PatternNode.Atomic atomic:
                EmitSub(Op.Atomic, atomic.Part, refuse);
                break;
            case PatternNode.Look { Ahead: true } look:
                EmitSub(Op.Look, look.Part, refuse, look.Wanted);
                break;
            case PatternNode.Look look:
                if ((look.Part is PatternNode.Any { Choices: var choices } ? choices : [look.Part]).Any(p => WidthOf(p) is null))
                    throw refuse("looks behind at something without a fixed width");
                EmitSub(Op.LookBehind, look.Part, refuse, look.Wanted);
                break;
            case PatternNode.Place place:
                _steps.Add(new Step(Op.Place, Place: place.Kind));
                break;
            default:
                throw new InvalidOperationException($"Pattern node {node} has no steps.");
        }
        if (_steps.Count > 20_000)
            throw refuse("grows beyond 20000 steps");
    }

    /// <summary>A sub-program that ends with its own match; B is where the outer one goes on.</summary>
    private void EmitSub(Op op, PatternNode part, Func<string, InvalidInputException> refuse, bool wanted = true)
    {
        var at = _steps.Count;
        _steps.Add(default);
        Emit(part, refuse);
        _steps.Add(new Step(Op.Match));
        _steps[at] = new Step(op, A: WidestOf(part), B: _steps.Count, Wanted: wanted);
    }

    private void EmitChoices(IReadOnlyList<PatternNode> choices, Func<string, InvalidInputException> refuse)
    {
        var jumps = new List<int>();
        for (var i = 0; i < choices.Count; i++)
        {
            var at = _steps.Count;
            var last = i == choices.Count - 1;
            if (!last)
                _steps.Add(default);
            Emit(choices[i], refuse);
            if (last)
                break;
            jumps.Add(_steps.Count);
            _steps.Add(default);
            _steps[at] = new Step(Op.Try, FirstOf(choices[i]), at + 1, _steps.Count);
        }
        foreach (var jump in jumps)
            _steps[jump] = new Step(Op.Jump, A: _steps.Count);
    }

    private void EmitRepeat(PatternNode.Repeat repeat, Func<string, InvalidInputException> refuse)
    {
        var op = repeat.Kind == RepeatKind.Lazy ? Op.TryLazy : Op.Try;
        for (var i = 0; i < repeat.Low; i++)
            Emit(repeat.Part, refuse);
        if (repeat.High == int.MaxValue)
        {
            var at = _steps.Count;
            var register = _registers++;
            _steps.Add(default);
            _steps.Add(new Step(Op.Mark, A: register));
            Emit(repeat.Part, refuse);
            _steps.Add(new Step(Op.Advanced, A: register));   // an empty round ends the loop
            _steps.Add(new Step(Op.Jump, A: at));
            _steps[at] = new Step(op, null, at + 1, _steps.Count);
            return;
        }
        var tries = new List<int>();
        for (var i = repeat.Low; i < repeat.High; i++)
        {
            tries.Add(_steps.Count);
            _steps.Add(default);
            Emit(repeat.Part, refuse);
        }
        foreach (var at in tries)
            _steps[at] = new Step(op, null, at + 1, _steps.Count);
    }

    /// <summary>The signs with which a match can begin, or null where that is not known; lets a choice be skipped at a glance.</summary>
    private static RuneSet? FirstOf(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.One one:
                return one.Set;
            case PatternNode.Any any:
                var firsts = any.Choices.Select(FirstOf).ToList();
                return firsts.Any(f => f is null) ? null : firsts.Aggregate((a, b) => RuneSet.Either(a!, b!));
            case PatternNode.Repeat { Low: > 0 } repeat:
                return FirstOf(repeat.Part);
            case PatternNode.Atomic atomic:
                return FirstOf(atomic.Part);
            case PatternNode.All all:
                RuneSet? union = null;
                foreach (var part in all.Parts)
                {
                    var optional = part is PatternNode.Repeat { Low: 0 } repeat ? FirstOf(repeat.Part) : null;
                    var first = optional ?? FirstOf(part);
                    if (first is null)
                        return null;
                    union = union is null ? first : RuneSet.Either(union, first);
                    if (optional is null)
                        return union;
                }
                return null;
            default:
                return null;
        }
    }

    /// <summary>Signs that the node takes, where that is one number.</summary>
    private static int? WidthOf(PatternNode node) => node switch
    {
        PatternNode.One => 1,
        PatternNode.All all => all.Parts.Aggregate((int?)0, (sum, part) => sum + WidthOf(part)),
        PatternNode.Any any => any.Choices.Select(WidthOf).Distinct().ToList() is [var only] ? only : null,
        PatternNode.Repeat repeat => repeat.Low == repeat.High ? repeat.Low * WidthOf(repeat.Part) : null,
        PatternNode.Atomic atomic => WidthOf(atomic.Part),
        PatternNode.Look or PatternNode.Place => 0,
        _ => throw new InvalidOperationException($"Pattern node {node} has no width."),
    };

    private static int WidestOf(PatternNode node) =>
        node is PatternNode.Any any ? any.Choices.Max(c => WidthOf(c) ?? 0) : WidthOf(node) ?? 0;

    /// <summary>
    /// The end of the match that begins at <paramref name="at"/>, or -1. What lies below <paramref name="bottom"/> on the stack belongs to
    /// the caller.
    /// </summary>
    private int Run(int step, string text, int start, int at, int end, int bottom)
    {
        var stack = Stack ??= new Choice[256];
        var marks = Marks ??= new int[16];
        if (marks.Length < _registers)
            marks = Marks = new int[_registers];
        var (top, seen) = (bottom, at);

        void Push(Choice choice)
        {
            if (top == stack.Length)
            {
                Array.Resize(ref stack, stack.Length * 2);
                Stack = stack;
            }
            stack[top++] = choice;
        }

        while (true)
        {
            ref readonly var current = ref _program[step];
            var failed = false;
            switch (current.Op)
            {
                case Op.Match:
                    Seen = Math.Max(Seen, seen);
                    return at;
                case Op.One:
                    seen = Math.Max(seen, at + 2);   // a sign may be two characters
                    if (at < end && current.Set!.Contains(ValueAt(text, at, end, out var width)))
                        (at, step) = (at + width, step + 1);
                    else
                        failed = true;
                    break;
                case Op.Loop:
                    var (least, count) = (at, 0);
                    var most = current.Kind == RepeatKind.Lazy ? current.A : current.B;
                    while (count < most && at < end && current.Set!.Contains(ValueAt(text, at, end, out width)))
                    {
                        at += width;
                        if (++count == current.A)
                            least = at;
                    }
                    seen = Math.Max(seen, at + 2);
                    failed = count < current.A;
                    if (!failed && current.Kind == RepeatKind.Lazy && count < current.B)
                        Push(new Choice(step, at, -count - 1));   // a negative bound marks a lazy loop that can take one sign more
                    else if (!failed && current.Kind == RepeatKind.Greedy && at > least)
                        Push(new Choice(step + 1, at, least));
                    step++;
                    break;
                case Op.Try:
                    seen = Math.Max(seen, at + 2);
                    if (current.Set is { } first && (at >= end || !first.Contains(ValueAt(text, at, end, out _))))
                    {
                        step = current.B;
                        break;
                    }
                    Push(new Choice(current.B, at, at));
                    step = current.A;
                    break;
                case Op.TryLazy:
                    Push(new Choice(current.A, at, at));
                    step = current.B;
                    break;
                case Op.Jump:
                    step = current.A;
                    break;
                case Op.Look:
                    failed = Run(step + 1, text, start, at, end, top) >= 0 != current.Wanted;
                    stack = Stack!;
                    step = current.B;
                    break;
                case Op.LookBehind:
                    failed = Behind(step + 1, current.A, text, start, at, top) != current.Wanted;
                    stack = Stack!;
                    step = current.B;
                    break;
                case Op.Atomic:
                    var inner = Run(step + 1, text, start, at, end, top);
                    stack = Stack!;
                    failed = inner < 0;
                    at = failed ? at : inner;
                    step = current.B;
                    break;
                case Op.Place:
                    seen = Math.Max(seen, at + 2);
                    failed = !IsAt(current.Place, text, start, at, end);
                    step++;
                    break;
                case Op.Mark:
                    Push(new Choice(marks[current.A], 0, 0, current.A));
                    marks[current.A] = at;
                    step++;
                    break;
                case Op.Advanced:
                    step += marks[current.A] == at ? 2 : 1;   // past the jump back
                    break;
            }
            if (!failed)
                continue;

            while (true)
            {
                if (top == bottom)
                {
                    Seen = Math.Max(Seen, seen);
                    return -1;
                }
                var choice = stack[--top];
                if (choice.Register >= 0)
                {
                    marks[choice.Register] = choice.Step;
                    continue;
                }
                if (choice.Least < 0)
                {
                    ref readonly var loop = ref _program[choice.Step];
                    seen = Math.Max(seen, choice.At + 2);
                    if (choice.At >= end || !loop.Set!.Contains(ValueAt(text, choice.At, end, out var more)))
                        continue;
                    var taken = -choice.Least;   // with the one just taken
                    at = choice.At + more;
                    if (taken < loop.B)
                        Push(new Choice(choice.Step, at, -taken - 1));
                    step = choice.Step + 1;
                    break;
                }
                at = choice.At;
                if (choice.Step > 0 && _program[choice.Step - 1].Op == Op.Loop && choice.At > choice.Least)
                {
                    at -= char.IsLowSurrogate(text[at - 1]) && at - 1 > choice.Least && char.IsHighSurrogate(text[at - 2]) ? 2 : 1;
                    if (at > choice.Least)
                        Push(choice with { At = at });
                }
                step = choice.Step;
                break;
            }
        }
    }

    /// <summary>Whether some match of the sub-program ends exactly here.</summary>
    private bool Behind(int step, int widest, string text, int start, int at, int bottom)
    {
        var from = at;
        for (var width = 0; ; width++)
        {
            if (Run(step, text, start, from, at, bottom) == at)
                return true;
            if (width == widest || from == start)
                return false;
            from -= ValueBefore(text, from, start) > 0xFFFF ? 2 : 1;
        }
    }

    private static bool IsAt(PlaceKind place, string text, int start, int at, int end)
    {
        bool WordBorder() => (at > start && RuneSet.Word.Contains(ValueBefore(text, at, start))) != (at < end
            && RuneSet.Word.Contains(ValueAt(text, at, end, out _)));
        return place switch
        {
            PlaceKind.TextStart => at == start,
            PlaceKind.TextEnd => at == end,
            PlaceKind.TextEndOrLastNewline => at == end || at == end - 1 && text[at] == '\n',
            PlaceKind.LineStart => at == start || text[at - 1] == '\n' && at < end,
            PlaceKind.LineEnd => at == end || text[at] == '\n',
            PlaceKind.WordBorder => WordBorder(),
            PlaceKind.NoWordBorder => !WordBorder(),
            _ => throw new InvalidOperationException($"There is no test for the place {place}."),
        };
    }
}
