using System.CommandLine;
using System.Text.RegularExpressions;
using LdcLedger.Specs;

namespace LdcLedger.Cli.Terminal;

/// <summary>Parses the arguments, runs the verb, and turns whatever escapes it into a sentence and an exit code.</summary>
internal static partial class CommandLine
{
    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Show stack traces and the log.", Recursive = true };

    /// <summary>For verbs whose result a script may want.</summary>
    public static Option<bool> JsonOption() => new("--json") { Description = "Print one JSON document." };

    public static async Task<int> Run(RootCommand root, string[] args)
    {
        root.Options.Add(Verbose);
        Help.Adopt(root);
        // Arguments that begin with @ are taken as they are, not as files of more arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var command = parsed.CommandResult.Command;
        if (args.Length == 0)
        {
            Help.Write(root, Console.Out);
            return ExitCodes.Done;
        }
        if (parsed.Errors.Count > 0 && parsed.Action is not Help)
            return Refuse(parsed, command);
        var verbose = parsed.GetValue(Verbose);
        using var interruption = new Interruption();
        try
        {
            var ours = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(ours, interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            Screen.Say("ldc: stopped.");
            return command is Verb { IsService: true } ? ExitCodes.Done : interruption.Code;
        }
        catch (Exception exception)
        {
            return Fault.Report(exception, verbose);
        }
    }

    private static int Refuse(ParseResult parsed, Command command)
    {
        var at = string.Join(' ', PathOf(command));
        var unknown = parsed.UnmatchedTokens;
        if (unknown.Count > 0)
            Screen.Say($"ldc: {Unknown(unknown[0], command)}");
        else if (command.Subcommands.Count > 0)
            Screen.Say($"ldc: {at} needs a verb: {string.Join(", ", command.Subcommands.Select(c => c.Name))}.");
        else
            foreach (var error in parsed.Errors)
                Screen.Say($"ldc: {Sentence(error.Message, command)}");
        Screen.Say($"`{at} --help` lists what is available.");
        return ExitCodes.BadInput;
    }

    // The library says `Required argument missing for command: 'init'.`, without its name, and numbers by the names of their types.
    private static string Sentence(string message, Command command)
    {
        if (message.StartsWith("Required argument missing", StringComparison.Ordinal) && command.Arguments.FirstOrDefault() is { } argument)
            return $"{string.Join(' ', PathOf(command))} needs its argument {argument.HelpName ?? argument.Name}.";
        return Unparsed().Match(message) is { Success: true } wrong
            ? $"{wrong.Groups["option"].Value} is '{wrong.Groups["text"].Value}'; it must be {Wanted(wrong.Groups["type"].Value)}."
            : message;
    }

    private static string Wanted(string type) => type switch
    {
        "System.Int32" => FormattableString.Invariant($"a whole number, {int.MaxValue} at most"),
        "System.Int64" => FormattableString.Invariant($"a whole number, {long.MaxValue} at most"),
        "System.Double" => "a number",
        "System.Boolean" => "true or false",
        _ => throw new InvalidOperationException($"How people write a {type} is not told."),
    };

    [GeneratedRegex(@"^Cannot parse argument '(?<text>.*)' for option '(?<option>[^']+)' as expected type '(?:System\.Nullable`1\[)?"
        + @"(?<type>System\.\w+)\]?'\.", RegexOptions.Singleline)]
    private static partial Regex Unparsed();

    private static string Unknown(string token, Command command)
    {
        var option = token.StartsWith('-');
        var known = option
            ? command.Options.Concat(command.Parents.OfType<Command>().SelectMany(p => p.Options)).Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        var nearest = NearestName.Of(token, known);
        var kind = option ? "option" : command.Subcommands.Count > 0 ? "verb" : "argument";
        return nearest is null || kind == "argument"
            ? $"unexpected {kind} '{token}'."
            : $"unknown {kind} '{token}'; did you mean '{nearest}'?";
    }

    private static IEnumerable<string> PathOf(Command command)
    {
        var parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? ["ldc"] : PathOf(parent).Append(command.Name);
    }
}
