using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Checks;
using LdcLedger.Ledger.Postgres;
using LdcLedger.Ledger.Settings;
using LdcLedger.Web.Access;
using LdcLedger.Web.Views;
using Microsoft.AspNetCore.Components;

namespace LdcLedger.Web.Pages;

/// <summary><c>/status</c>: what answers here, who asks, and, for operators, whether everything that it needs works.</summary>
public sealed partial class StatusPage
{
    [Parameter, EditorRequired]
    public required View View { get; set; }

    /// <summary>Version of the database's server.</summary>
    [Parameter, EditorRequired]
    public required string Postgres { get; set; }

    /// <summary>Where the database and the broker are; null: whoever asks is not told.</summary>
    [Parameter]
    public IReadOnlyList<(string Name, string Where)>? Places { get; set; }

    /// <summary>Null: nobody asked for them, or they are not for whoever asks.</summary>
    [Parameter]
    public IReadOnlyList<Finding>? Findings { get; set; }

    private bool IsOperator => View.Viewer.Role == Role.Operator;

    internal static async Task<ShownPage> LoadAsync(View view, WebParts parts)
    {
        var looks = view.IsYes("doctor");
        var isOperator = view.Viewer.Role == Role.Operator;
        if (looks && !isOperator)
            throw new BadQuery("doctor is for operators, and you are a reader.");
        await using var connection = await view.Ledger.Store.DataSource.OpenConnectionAsync(view.Cancellation);
        return ShownPage.Of<StatusPage>(
            (nameof(Postgres), connection.PostgreSqlVersion.ToString()),
            (nameof(Places), isOperator ? PlacesOf($"{connection.Host}:{connection.Port}/{connection.Database}") : null),
            (nameof(Findings), looks ? await parts.Findings(view.Cancellation) : null));
    }

    // Names of hosts and folders, never a user or a password.
    private static IReadOnlyList<(string Name, string Where)> PlacesOf(string database) =>
    [
        ("Data folder", Told(DataFolder.FromEnvironment)), ("Database", database),
        ("RabbitMQ", Told(() => BrokerAddress.FromEnvironment() is { } broker
            ? $"{broker.Host}:{broker.Port}, vhost {broker.Vhost}" : "not used: studies run in one process")),
    ];

    private static string Told(Func<string> place)
    {
        try
        {
            return place();
        }
        catch (Exception refused) when (refused is SettingRefused or LedgerUnavailable)
        {
            return refused.Message;
        }
    }
}
