using System.Text;
using System.Text.Unicode;
using LdcLedger.Torch;
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

    /// <summary>
    /// Reads a file; one that is none of its kind, or malformed, throws <see cref="InvalidSpecException"/>, where it can with line and
    /// column.
    /// </summary>
    public static SpecNode Read(string path, SpecKind kind)
    {
        var entry = InputEntry.At(path);
        if (entry.Kind == EntryKind.Folder)
            throw Refused(path, 0, 0, $"this is a folder; {kind.Name} is a YAML file");
        if (entry.Kind == EntryKind.Missing)
            throw Refused(path, 0, 0, $"there is no such file; {kind.Begin}");
        if (entry.Objection is { } objection)
            throw Refused(path, 0, 0, $"this {objection}; {kind.Name} is a YAML file");
        if (entry.Length > MaxBytes)
            throw Refused(path, 0, 0, $"the file has {entry.Length} bytes; {kind.Name} has at most {MaxBytes}");
        var bytes = File.ReadAllBytes(path);
        // What was saved in another encoding would be read with other names and paths than were meant. UTF-16 says itself what it is.
        return bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || Utf8.IsValid(bytes)
            ? Read(path, File.ReadAllText(path), kind)
            : throw Refused(path, 0, 0, $"the file is not UTF-8, which {kind.Name} is written in");
    }

    /// <summary>The same of a text that is in no file.</summary>
    /// <param name="name">As findings name it.</param>
    public static SpecNode Parse(string name, string text, SpecKind kind) => Encoding.UTF8.GetByteCount(text) is <= MaxBytes
        ? Read(name, text, kind) : throw Refused(name, 0, 0, $"the text is too long; {kind.Name} has at most {MaxBytes} bytes");

    private static SpecNode Read(string path, string text, SpecKind kind)
    {
        var scanner = new Scanner(new StringReader(text));
        try
        {
            var parser = new Parser(scanner);
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                throw Refused(path, 1, 1, $"the file is empty; {kind.Name} {kind.Least}");
            parser.Consume<DocumentStart>();
            var root = ReadNode(path, kind, parser, 0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out _)
                ? root
                : throw Refused(path, parser.Current!, $"a second document begins here; {kind.Name} is one document");
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

    private static SpecNode ReadNode(string path, SpecKind kind, Parser parser, int depth)
    {
        var at = parser.Current is null && !parser.MoveNext() ? throw Refused(path, 1, 1, "the file is empty") : parser.Current!;
        var (line, column) = ((int)at.Start.Line, (int)at.Start.Column);
        if (depth > MaxDepth)
            throw Refused(path, at, $"values are nested more than {MaxDepth} deep, more than {kind.Name} needs");
        switch (at)
        {
            case AnchorAlias alias:
                throw Refused(path, at, $"the alias *{alias.Value} is not allowed in {kind.Name}; write the value out");
            case NodeEvent { Tag.IsEmpty: false } tagged:
                throw Refused(path, at, $"the tag {tagged.Tag} is not allowed in {kind.Name}; write the plain value");
            case Scalar scalar:
                parser.MoveNext();
                return new SpecScalar(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain);
            case SequenceStart:
                parser.MoveNext();
                var items = new List<SpecNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                    items.Add(ReadNode(path, kind, parser, depth + 1));
                return new SpecList(line, column, items);
            case MappingStart:
                parser.MoveNext();
                var entries = new List<(SpecScalar, SpecNode)>();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    var key = ReadNode(path, kind, parser, depth + 1) as SpecScalar
                        ?? throw Refused(path, at, "a key must be a plain word");
                    entries.Add((key, ReadNode(path, kind, parser, depth + 1)));
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
