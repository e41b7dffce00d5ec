using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace LdcLedger.Specs;

/// <summary>A value of a YAML file and where it begins.</summary>
public abstract record SpecNode(int Line, int Column);

/// <param name="Plain">Written without quotes, so that it may be a number or null.</param>
public sealed record SpecScalar(int Line, int Column, string Value, bool Plain) : SpecNode(Line, Column)
{
    public bool IsNull => Plain && Value is "" or "~" or "null" or "Null" or "NULL";
}

public sealed record SpecList(int Line, int Column, IReadOnlyList<SpecNode> Items) : SpecNode(Line, Column);

public sealed record SpecMap(int Line, int Column, IReadOnlyList<(SpecScalar Key, SpecNode Value)> Entries) : SpecNode(Line, Column);

/// <summary>
/// YAML text as a tree of plain values. Only what a spec needs: one document without aliases and tags, nested at most
/// <see cref="MaxDepth"/> deep, of at most <see cref="MaxBytes"/> bytes; so no file can make reading it expensive.
/// </summary>
public static class SpecTree
{
    public const int MaxBytes = 1 << 20;
    public const int MaxDepth = 16;

    /// <summary>Reads the whole text; malformed YAML throws <see cref="InvalidSpecException"/> with line and column.</summary>
    public static SpecNode Read(string path, string text)
    {
        var scanner = new Scanner(new StringReader(text));
        try
        {
            var parser = new Parser(scanner);
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                throw Refused(path, 1, 1, "the file is empty; a study spec has at least the keys models and domains");
            parser.Consume<DocumentStart>();
            var root = ReadNode(path, parser, 0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out _)
                ? root
                : throw Refused(path, parser.Current!, "a second document begins here; a study spec is one document");
        }
        catch (YamlException malformed)
        {
            // Of a tab in an indentation the parser only knows where the mapping around it begins.
            var at = malformed.Message.Contains("tab", StringComparison.Ordinal) ? FirstTab(text) ?? malformed.End : malformed.End;
            throw Refused(path, (int)at.Line, (int)at.Column, $"malformed YAML: {Sentence(malformed)}");
        }
        catch (InvalidOperationException)
        {
            // The scanner gives up like this on some plain values in a list or mapping whose bracket was never closed.
            var at = scanner.CurrentPosition;
            throw Refused(path, (int)at.Line, (int)at.Column, "malformed YAML: a comma or a closing bracket is missing before this");
        }
    }

    private static SpecNode ReadNode(string path, Parser parser, int depth)
    {
        var at = parser.Current is null && !parser.MoveNext() ? throw Refused(path, 1, 1, "the file is empty") : parser.Current!;
        var (line, column) = ((int)at.Start.Line, (int)at.Start.Column);
        if (depth > MaxDepth)
            throw Refused(path, at, $"values are nested more than {MaxDepth} deep, which no study spec needs");
        switch (at)
        {
            case AnchorAlias alias:
                throw Refused(path, at, $"the alias *{alias.Value} is not allowed in a study spec; write the value out");
            case NodeEvent { Tag.IsEmpty: false } tagged:
                throw Refused(path, at, $"the tag {tagged.Tag} is not allowed in a study spec; write the plain value");
            case Scalar scalar:
                parser.MoveNext();
                return new SpecScalar(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain);
            case SequenceStart:
                parser.MoveNext();
                var items = new List<SpecNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                    items.Add(ReadNode(path, parser, depth + 1));
                return new SpecList(line, column, items);
            case MappingStart:
                parser.MoveNext();
                var entries = new List<(SpecScalar, SpecNode)>();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    var key = ReadNode(path, parser, depth + 1) as SpecScalar ?? throw Refused(path, at, "a key must be a plain word");
                    entries.Add((key, ReadNode(path, parser, depth + 1)));
                }
                return new SpecMap(line, column, entries);
            default:
                throw Refused(path, at, "a value is missing here");
        }
    }

    private static Mark? FirstTab(string text)
    {
        foreach (var (i, line) in text.Split('\n').Index())
            if (line.TakeWhile(char.IsWhiteSpace).ToList().IndexOf('\t') is >= 0 and var column)
                return new(0, i + 1, column + 1);
        return null;
    }

    private static string Sentence(YamlException malformed)
    {
        var message = (malformed.InnerException?.Message ?? malformed.Message).Trim().TrimEnd('.');
        return message.Length == 0 ? "it cannot be read" : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private static InvalidSpecException Refused(string path, ParsingEvent at, string message) =>
        Refused(path, (int)at.Start.Line, (int)at.Start.Column, message);

    private static InvalidSpecException Refused(string path, int line, int column, string message) =>
        new(path, [new(line, column, message)]);
}
