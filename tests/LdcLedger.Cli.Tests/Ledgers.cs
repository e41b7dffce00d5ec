namespace LdcLedger.Cli.Tests;

/// <summary>A folder that <c>ldc</c> is called in, over ledgers that lie in it by their names.</summary>
internal sealed class Ledgers : IDisposable
{
    private readonly KeptServers _servers = new();

    public Folder Folder { get; } = new();

    public Task<Call> In(string ledger, params string[] arguments) => With([], ledger, arguments);

    /// <param name="settings">More of the environment.</param>
    public async Task<Call> With(IReadOnlyList<(string Name, string Value)> settings, string ledger, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["LDC_DATA"] = Folder[ledger], ["LDC_POSTGRES"] = "" };
        foreach (var (name, value) in settings)
            environment[name] = value;
        var call = await Ldc.RunIn(Folder.Path, environment, arguments);
        await _servers.KeepAsync(Folder[ledger]);
        return call;
    }

    public void Dispose()
    {
        _servers.Dispose();
        Folder.Dispose();
    }
}
