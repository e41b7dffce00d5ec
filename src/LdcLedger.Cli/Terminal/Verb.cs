using System.CommandLine;

namespace LdcLedger.Cli.Terminal;

/// <summary>A verb of the command line, with the examples that its help ends with.</summary>
internal sealed class Verb : Command
{
    /// <param name="description">Its first line stands in the list of verbs; further lines only in the verb's own help.</param>
    /// <param name="action">What it does; the result is the exit code.</param>
    public Verb(string name, string description, Func<ParseResult, CancellationToken, Task<int>> action,
        params Symbol[] parameters) : base(name, description)
    {
        foreach (var parameter in parameters)
        {
            if (parameter is Argument argument)
                Arguments.Add(argument);
            else
                Options.Add((Option)parameter);
        }
        SetAction(action);
    }

    /// <summary>A group of verbs, such as <c>study</c>.</summary>
    public Verb(string name, string description, params Verb[] verbs) : base(name, description)
    {
        foreach (var verb in verbs)
            Subcommands.Add(verb);
    }

    /// <summary>Command lines with what they do after two spaces and a <c>#</c>.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>It works until it is asked to stop: then it is done, whatever it was at.</summary>
    public bool IsService { get; init; }
}
