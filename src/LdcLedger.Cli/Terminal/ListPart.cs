using System.CommandLine;
using System.Globalization;

namespace LdcLedger.Cli.Terminal;

/// <summary>Which part of a long list is shown: <c>--limit</c> and <c>--skip</c>, counted from the newest.</summary>
internal sealed class ListPart
{
    private readonly Option<int> _limit;
    private readonly Option<int> _skip = new("--skip")
    {
        Description = "Skip the N newest.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };

    /// <param name="what">What is listed, in the plural.</param>
    public ListPart(string what, int usual) => _limit = new("--limit")
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"Show at most N, the newest {what} (default: {usual})."),
        HelpName = "N",
        DefaultValueFactory = _ => usual,
    };

    public Option[] Options => [_limit, _skip];

    /// <exception cref="BadInputException">One of the two is out of range.</exception>
    public (int Limit, int Skip) Of(ParseResult arguments) => (Within(arguments, _limit, 1), Within(arguments, _skip, 0));

    /// <summary>Says how much of the list was not shown.</summary>
    public void SayRest(ParseResult arguments, int shown, long all, string narrower)
    {
        var (_, skip) = Of(arguments);
        if (shown < all)
            Screen.Say(string.Create(CultureInfo.InvariantCulture,
                $"{shown:N0} of {all:N0}{(skip > 0 ? $", after the newest {skip:N0}" : "")}: --limit and --skip show others{narrower}."));
    }

    private static int Within(ParseResult arguments, Option<int> option, int least)
    {
        var value = arguments.GetValue(option);
        return value >= least ? value : throw new BadInputException($"{option.Name} is {value}; allowed is {least} or more.");
    }
}
