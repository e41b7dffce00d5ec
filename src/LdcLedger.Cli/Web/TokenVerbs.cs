using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Ledgers;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Access;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Access;
using LdcLedger.Ledger.Replay;
using LdcLedger.Web.Access;

namespace LdcLedger.Cli.Web;

/// <summary><c>ldc token add|list|revoke</c>: who else may look at this ledger's dashboard and API.</summary>
internal static class TokenVerbs
{
    private static readonly Argument<string> Name = new("NAME") { Description = "What the token is called, such as ada or reviewer-2." };
    private static readonly Option<string> RoleOption = new("--role")
    {
        Description = "reader (default) or operator, who may also cancel, extend and retry.",
        HelpName = "ROLE",
        DefaultValueFactory = _ => AccessRoles.Reader,
    };
    private static readonly Option<string?> Study = new("--study")
    {
        Description = "The one study that it shows (id, prefix or name); nothing else is there for its holder.",
        HelpName = "STUDY",
    };
    private static readonly Option<long?> At = new("--at")
    {
        Description = "The last position of that study that it shows: what a paper cites, and nothing newer.",
        HelpName = "POSITION",
    };
    private static readonly Option<string?> Expires = new("--expires")
    {
        Description = "How long it is good: 12h, 30d, ... (default: until it is revoked).",
        HelpName = "SPAN",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Add() => new(
        "add",
        """
        Make a token by which somebody may use the dashboard and the API.
        It is printed once, and is nowhere else: the ledger keeps its hash.
        """,
        AddAsync, Name, RoleOption, Study, At, Expires, Json)
    {
        Examples = ["ldc token add ada --role operator", "ldc token add reviewer-2 --study demo --at 1515 --expires 30d"],
    };

    public static Verb List() => new("list", "List the tokens that were made, and which are in force.", ListAsync, Json);

    public static Verb Revoke() => new(
        "revoke", "End a token: its holder is refused from now on, pages that are open included.", RevokeAsync, Name);

    private static async Task<int> AddAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var expires = arguments.GetValue(Expires) is { } span ? TimeProvider.System.GetUtcNow() + Span(span) : (DateTimeOffset?)null;
        await using var ledger = await OpenLedger.OpenAsync(cancellation);
        var study = arguments.GetValue(Study) is { } named ? await ledger.Queries.FindStudyAsync(named, cancellation) : null;
        var at = arguments.GetValue(At);
        if (study is not null && at is { } position)
            await ledger.Past.MomentAsync(study.Id, AsOf.At(position), cancellation);
        var token = TokenText.New();
        var granted = await Of(ledger).GrantAsync(
            arguments.GetValue(Name)!, arguments.GetValue(RoleOption)!, TokenText.Sha256(token), study?.Id, at, expires, cancellation);
        if (arguments.GetValue(Json))
            Screen.PrintJson(new { token, granted });
        else
        {
            Screen.Print(token);
            Screen.Say($"{granted.Name}, {granted.Role}{Bounds(granted)}. This is the only time that it is shown.");
        }
        return ExitCodes.Done;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = OpenLedger.Exists ? await OpenLedger.OpenAsync(cancellation) : null;
        var grants = ledger is null ? [] : (await Of(ledger).BookAsync(cancellation)).All;
        var now = TimeProvider.System.GetUtcNow();
        if (arguments.GetValue(Json))
            Screen.PrintJson(grants.Select(g => new { g.Id, g.Granted, g.At, g.Expires, g.RevokedAt, in_force = g.IsInForce(now) }));
        else if (grants.Count == 0)
            Screen.Say("No token was made: the dashboard is open to this machine alone, by `ldc web link`.");
        else
        {
            var table = new TextTable("name", "role", "bounds", "made (UTC)", "expires (UTC)", "in force");
            foreach (var grant in grants)
                table.Add(
                    grant.Granted.Name, grant.Granted.Role, Bounds(grant.Granted).TrimStart(',', ' '), Time(grant.At),
                    grant.Expires is { } end ? Time(end) : "", grant.IsInForce(now) ? "yes"
                        : grant.RevokedAt is { } at ? $"no, revoked {Time(at)}" : "no, expired");
            Screen.Print(table);
        }
        return ExitCodes.Done;
    }

    private static async Task<int> RevokeAsync(ParseResult arguments, CancellationToken cancellation)
    {
        await using var ledger = await OpenLedger.OpenExistingAsync(cancellation);
        await Of(ledger).RevokeAsync(arguments.GetValue(Name)!, cancellation);
        Screen.Say($"token {arguments.GetValue(Name)} is revoked.");
        return ExitCodes.Done;
    }

    private static LedgerAccess Of(OpenLedger ledger) => new(ledger.Store, new(ledger.Store, TimeProvider.System), TimeProvider.System);

    private static string Bounds(AccessGranted granted) => granted.OnlyStudy is not { } study ? ""
        : string.Create(CultureInfo.InvariantCulture,
            $", study {NameBasedGuid.Short(study)}{(granted.UpToPosition is { } position ? $" up to position {position}" : "")}");

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static TimeSpan Span(string text)
    {
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count is > 0 and <= 10_000)
            switch (text[^1])
            {
                case 'm':
                    return TimeSpan.FromMinutes(count);
                case 'h':
                    return TimeSpan.FromHours(count);
                case 'd':
                    return TimeSpan.FromDays(count);
            }
        throw new BadInputException($"--expires is '{text}'; it is a number and m, h or d, such as 30d.");
    }
}
