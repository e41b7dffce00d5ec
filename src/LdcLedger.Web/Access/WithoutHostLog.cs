using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LdcLedger.Web.Access;

/// <summary>
/// The log without what the host writes of its own start: why it does not start is an exception, and told once, in a sentence.
/// </summary>
internal sealed class WithoutHostLog(ILoggerFactory loggers) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("Microsoft.Extensions.Hosting.", StringComparison.Ordinal) ? NullLogger.Instance
            : loggers.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose()
    {
        // The log is the caller's.
    }
}
