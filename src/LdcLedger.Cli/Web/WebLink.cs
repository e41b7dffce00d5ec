using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Web.Access;

namespace LdcLedger.Cli.Web;

/// <summary><c>ldc web link</c>: another way into the dashboard that runs over this data folder.</summary>
internal static class WebLink
{
    public static Verb Verb() => new(
        "link",
        """
        Print a link that signs in to this machine's dashboard, once, within 10 minutes.
        For scripts there is LDC_DATA/web.token: Authorization: Bearer and what the file holds.
        """,
        Run)
    {
        Examples = ["xdg-open \"$(ldc web link)\""],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var data = DataFolder.FromEnvironment();
        var url = ServerSign.Read(data)
            ?? throw new FailedException($"No dashboard runs over {data}; `ldc serve` starts one.");
        Screen.Print($"{url}login?t={new LoginLinks(LocalToken.In(data), TimeProvider.System).New()}");
        return Task.FromResult(ExitCodes.Done);
    }
}
