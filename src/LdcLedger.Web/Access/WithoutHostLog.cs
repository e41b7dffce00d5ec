using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LdcLedger.Web.Access;

/// <summary>
/// The log without what the host writes of its own start: why it does not start is an exception, and told once, in a sentence. Of requests
/// the server's own parts write no more than warnings, whatever level is asked for: an address can hold a login code.
/// </summary>
internal sealed class WithoutHostLog(ILoggerFactory loggers) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("Microsoft.Extensions.Hosting.", StringComparison.Ordinal) ? NullLogger.Instance
            : categoryName.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal) ? new Warnings(loggers.CreateLogger(categoryName))
            : loggers.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose()
    {
        // The log is the caller's.
    }

    private sealed class Warnings(ILogger log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && log.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
