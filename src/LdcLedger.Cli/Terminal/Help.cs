using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LdcLedger.Cli.Terminal;

/// <summary>The help text of a command: usage, what it does, its verbs or its arguments and options, examples.</summary>
internal sealed class Help : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output);
        return ExitCodes.Done;
    }

    /// <summary>Puts this help in the place of the library's own.</summary>
    public static void Adopt(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new Help();
            help.Description = "Show this help.";
            help.Aliases.Clear();
            help.Aliases.Add("-h");
        }
        foreach (var version in root.Options.OfType<VersionOption>())
            version.Description = "Show the version.";
    }

    public static void Write(Command command, TextWriter to)
    {
        to.WriteLine($"Usage: {Usage(command)}");
        to.WriteLine();
        foreach (var line in (command.Description ?? "").Split('\n'))
            to.WriteLine(line);
        if (command is RootCommand)
            foreach (var group in command.Subcommands.Where(c => c.Subcommands.Count > 0))
                WriteRows(to, char.ToUpperInvariant(group.Name[0]) + group.Name[1..],
                    group.Subcommands.Select(v => ($"{group.Name} {Head(v)}", FirstLine(v))));
        WriteRows(to, command is RootCommand ? "Other" : "Verbs",
            command.Subcommands.Where(v => v.Subcommands.Count == 0).Select(v => (Head(v), FirstLine(v))));
        WriteRows(to, "Arguments", command.Arguments.Where(a => !a.Hidden).Select(a => (a.HelpName ?? a.Name, a.Description ?? "")));
        WriteRows(to, "Options", Options(command).Select(o => (OptionHead(o), o.Description ?? "")));
        if (command is Verb { Examples.Count: > 0 } verb)
        {
            to.WriteLine();
            to.WriteLine("Examples:");
            foreach (var example in verb.Examples)
                to.WriteLine($"  {example}");
        }
    }

    private static void WriteRows(TextWriter to, string title, IEnumerable<(string Head, string Text)> rows)
    {
        var list = rows.ToList();
        if (list.Count == 0)
            return;
        to.WriteLine();
        to.WriteLine($"{title}:");
        var width = Math.Min(list.Max(r => r.Head.Length), 34);
        foreach (var (head, text) in list)
        {
            var lines = text.Split('\n');
            to.WriteLine(head.Length > width
                ? $"  {head}\n  {new string(' ', width)}  {lines[0]}"
                : $"  {head.PadRight(width)}  {lines[0]}");
            foreach (var line in lines[1..])
                to.WriteLine($"  {new string(' ', width)}  {line}");
        }
    }

    private static string Usage(Command command)
    {
        var path = string.Join(' ', Path(command).Select(c => c is RootCommand ? "ldc" : c.Name));
        if (command.Subcommands.Count > 0)
            return $"{path} {(command is RootCommand ? "GROUP VERB" : "VERB")} [options]";
        var arguments = string.Concat(command.Arguments.Select(a => ' ' + ArgumentHead(a)));
        var required = string.Concat(command.Options.Where(o => o.Required).Select(o => ' ' + OptionHead(o)));
        return $"{path}{arguments}{required} [options]";
    }

    private static string Head(Command verb) => verb.Name + string.Concat(verb.Arguments.Select(a => ' ' + ArgumentHead(a)));

    private static string ArgumentHead(Argument argument)
    {
        var name = argument.HelpName ?? argument.Name;
        // A name of several words says itself which of them may come again.
        name = argument.Arity.MaximumNumberOfValues > 1 && !name.Contains(' ', StringComparison.Ordinal) ? name + "..." : name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string OptionHead(Option option) =>
        string.Join(", ", option.Aliases.Order(StringComparer.Ordinal).Append(option.Name))
            + (option.HelpName is { } value ? ' ' + value : "");

    /// <summary>The command's own options, then those that hold everywhere.</summary>
    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Where(o => o is not HelpOption)
            .Concat(Path(command).SkipLast(1).Reverse().SelectMany(c => c.Options).Where(o => o.Recursive && o is not HelpOption))
            .Concat(Path(command).First().Options.OfType<HelpOption>())
            .Where(o => !o.Hidden);

    private static List<Command> Path(Command command)
    {
        var path = new List<Command>();
        for (var c = command; c is not null; c = c.Parents.OfType<Command>().FirstOrDefault())
            path.Insert(0, c);
        return path;
    }

    private static string FirstLine(Command verb) => (verb.Description ?? "").Split('\n')[0];
}
