using System.Text.RegularExpressions;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Models;

/// <summary>
/// How a model's own template writes a conversation: one of the formats that are known, and what its text says of details. The template is
/// a program, and there is no interpreter of it here: it is told by the marks, literals and filters in it, and whatever these do not tell
/// for certain is refused.
/// </summary>
/// <param name="TrimsTurns">Whether white space around the user's and the assistant's words is left out.</param>
/// <param name="TrimsSystem">The same of the system's.</param>
/// <param name="DefaultSystem">The system's words where a conversation has none; null: then there is no such turn.</param>
/// <param name="BeforeSystem">What the template writes before the system's words.</param>
/// <param name="Notes">Sentences on what a user may not expect.</param>
internal sealed partial record ModelChat(ChatTemplate Format, bool TrimsTurns, bool TrimsSystem, string? DefaultSystem, string BeforeSystem,
    IReadOnlyList<string> Notes)
{
    private const string Known = "those of Llama 3, Gemma 3 and ChatML are read; a text template does without";

    /// <summary>
    /// That of the model's files. Where they state none, as those of base models, the marks among the tokens say which format the model was
    /// made for, in its plainest form.
    /// </summary>
    /// <exception cref="InvalidInputException">Neither template nor tokens are those of one known format.</exception>
    public static ModelChat Of(Tokenizer tokenizer)
    {
        if (tokenizer.ChatTemplate is { } stated)
            return Read(stated, tokenizer);
        var known = ChatTemplate.All.Where(format => format.Marks.All(mark => tokenizer.IdOf(mark) is not null)).ToList();
        return known switch
        {
            [var one] => new ModelChat(one, one.Trims, one.Trims, DefaultSystem: null, BeforeSystem: "", []),
            [] => throw new InvalidInputException("The template is chat, but the tokenizer has the turns of no known family: "
                + string.Join("; ", ChatTemplate.All
                    .Select(format => $"{format.Title} marks them with {string.Join(" and ", format.Marks)}"))
                + ". A text template is needed."),
            _ => throw new InvalidInputException("The template is chat, the model states none, and its tokenizer has the marks of "
                + $"{Titles(known)}. A chat_template.jinja beside it, or a text template is needed."),
        };
    }

    /// <summary>The turns as text, in order.</summary>
    public IEnumerable<Stretch> Write(IReadOnlyList<Turn> turns)
    {
        var all = turns is [{ Role: "system" }, ..] || DefaultSystem is null ? turns : [new Turn("system", DefaultSystem), .. turns];
        return Format.Render([.. all.Select(turn => turn.Role == "system"
            ? turn with { Content = BeforeSystem + (TrimsSystem ? turn.Content.Trim() : turn.Content) }
            : turn with { Content = TrimsTurns ? turn.Content.Trim() : turn.Content })]);
    }

    internal static ModelChat Read(StatedTemplate stated, Tokenizer tokenizer)
    {
        var text = stated.Text;
        InvalidInputException Refused(string why) =>
            new($"The template is chat, but that of the model ({stated.Source}) {why}; {Known}.");

        var known = ChatTemplate.All.Where(format => format.Marks.All(mark => text.Contains(mark, StringComparison.Ordinal))).ToList();
        if (known is not [var format])
            throw Refused(known.Count == 0 ? "is of no known format" : $"has the marks of {Titles(known)}");
        var own = format.Marks.Concat(format.OtherMarks).ToList();
        if (Mark().Matches(text).Select(m => m.Value).FirstOrDefault(m => !own.Contains(m)) is { } foreign)
            throw Refused($"has the marks of {format.Title}, but {foreign}, too");
        var end = Regex.Escape(format.Marks[^1]);
        if (Regex.IsMatch(text, end + LineFeed) != format.LineAfterTurn)
            throw Refused($"has the marks of {format.Title}, but {(format.LineAfterTurn ? "no" : "a")} line feed after {format.Marks[^1]}");

        var notes = new List<string>();
        if (format.Marks.FirstOrDefault(mark => tokenizer.IdOf(mark) is null) is { } spelled)
            notes.Add($"The chat template in {stated.Source} writes {spelled}, which is no token of this tokenizer: it is read letter by "
                + "letter.");
        var (before, dated) = KnowledgeDates(text, stated, notes, Refused);
        var system = DefaultSystems(text, format, Refused);
        var ofFirst = FirstContent().IsMatch(text);
        return new ModelChat(format, TurnIsTrimmed().IsMatch(text),
            ofFirst ? FirstIsTrimmed().IsMatch(text) : TurnIsTrimmed().IsMatch(text), system ?? (dated ? "" : null), before, notes);
    }

    private static string Titles(IEnumerable<ChatTemplate> formats) => string.Join(" and ", formats.Select(format => format.Title));

    /// <summary>
    /// Llama 3.1 and later begin every conversation with a system's turn that says the date, here the template's own default.
    /// </summary>
    private static (string Before, bool Dated) KnowledgeDates(
        string text, StatedTemplate stated, List<string> notes, Func<string, InvalidInputException> refused)
    {
        if (!text.Contains("Cutting Knowledge Date", StringComparison.Ordinal))
            return StrfTime().IsMatch(text) ? throw refused("writes the current date, which would make other text every day") : ("", false);
        if (Cutting().Match(text) is not { Success: true } cutting || Today().Match(text) is not { Success: true } today
            || TodayLine().Match(text) is not { Success: true })
            throw refused("writes dates in a way that is not known");
        if (StrfTime().IsMatch(text))
            notes.Add($"The chat template in {stated.Source} writes the current date; its own default, {today.Groups["date"].Value}, "
                + "stands in its place, so that the text is the same every day.");
        return ($"{cutting.Groups["words"].Value}\nToday Date: {today.Groups["date"].Value}\n\n", true);
    }

    private static string? DefaultSystems(string text, ChatTemplate format, Func<string, InvalidInputException> refused)
    {
        var end = Regex.Escape(format.Marks[^1]);
        var found = new List<string>();
        IEnumerable<Match> literals = format.SystemHeader is null ? [] : Regex.Matches(text,
            string.Join(LineFeed, format.SystemHeader.Split('\n').Select(Regex.Escape))
            + @"(?<words>[^'""{}][^{}]*?)(?<end>" + end + "|['\"])");
        foreach (var match in literals)
            found.Add(match.Groups["end"].Value.Length > 1 ? Unescaped(match.Groups["words"].Value)
                : throw refused("has words of its own for the system's turn that cannot be told apart from its code"));
        found.AddRange(SystemVariable().Matches(text).Select(m => Unescaped(m.Groups["words"].Value)).Where(words => words.Length > 0));
        return found.Distinct().ToList() switch
        {
            [] => null,
            [var one] => one,
            _ => throw refused("has several words of its own for the system's turn"),
        };
    }

    /// <summary>A literal of Jinja as the text that it stands for.</summary>
    private static string Unescaped(string literal) => Escape().Replace(literal, match => match.Value[1] switch
    {
        'n' => "\n",
        't' => "\t",
        var sign => sign.ToString(),
    });

    // A line feed in a literal: written as \n or standing there itself, in this literal or in one that is appended.
    private const string LineFeed = @"(?:['""]\s*\+\s*['""])?(?:\\n|\n)";

    [GeneratedRegex(@"<\|[^|<>\s'""]+\|>|<(?:start|end)_of_\w+>|\[/?INST\]|<</?SYS>>|</?think>")]
    private static partial Regex Mark();

    [GeneratedRegex(@"messages\[0\](?:\[['""]content['""]\]|\.content)")]
    private static partial Regex FirstContent();

    [GeneratedRegex(@"messages\[0\](?:\[['""]content['""]\]|\.content)\s*(?:\|\s*trim\b|\.strip\(\s*\))")]
    private static partial Regex FirstIsTrimmed();

    [GeneratedRegex(@"(?<!messages\[0\]\[['""])(?<!messages\[0\]\.)content(?:['""]\])?\s*(?:\|\s*trim\b|\.strip\(\s*\))")]
    private static partial Regex TurnIsTrimmed();

    [GeneratedRegex(@"(?<words>Cutting Knowledge Date: [^'""\\\n{]+)(?:\\n|\n)")]
    private static partial Regex Cutting();

    [GeneratedRegex(@"date_string\s*=\s*['""](?<date>[^'""]+)['""]")]
    private static partial Regex Today();

    [GeneratedRegex(@"Today Date: ['""]\s*\+\s*date_string\s*\+\s*['""](?:\\n|\n){2}")]
    private static partial Regex TodayLine();

    [GeneratedRegex(@"strftime")]
    private static partial Regex StrfTime();

    [GeneratedRegex(@"\bset\s+(?:default_)?system_(?:message|prompt|content)\s*=\s*"
        + @"(?<quote>['""])(?<words>(?:\\.|(?!\k<quote>).)*)\k<quote>", RegexOptions.Singleline)]
    private static partial Regex SystemVariable();

    [GeneratedRegex(@"\\.", RegexOptions.Singleline)]
    private static partial Regex Escape();
}
