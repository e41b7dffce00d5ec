using Microsoft.Extensions.Hosting;

namespace LdcLedger.Web.Access;

/// <summary>Signals are for the process that a server is a part of, not for the server.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
}
