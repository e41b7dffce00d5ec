using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Runs;
using LdcLedger.Ledger.Settings;
using LdcLedger.Worker.Runs;

namespace LdcLedger.Cli.Cluster;

/// <summary>What the roles of a cluster read from the environment.</summary>
internal static class ClusterSettings
{
    /// <exception cref="BadInputException">One of the two servers is not named.</exception>
    public static BrokerAddress Servers(string role)
    {
        if (EnvironmentSecret.Read("LDC_POSTGRES") is null)
            throw new BadInputException($"ldc {role} is a role of a cluster and needs LDC_POSTGRES "
                + "(Host=...;Username=...;Password=...;Database=... or postgres://...); for one machine there is ldc study run.");
        return BrokerAddress.FromEnvironment()
            ?? throw new BadInputException($"ldc {role} is a role of a cluster and needs LDC_RABBITMQ "
                + "(amqp://user:password@host:port/vhost); for one machine there is ldc study run.");
    }

    /// <summary><c>LDC_CHECKPOINT_SECONDS</c>: what a killed run loses at most.</summary>
    public static TimeSpan CheckpointInterval() => Seconds("LDC_CHECKPOINT_SECONDS", 0.01, 86_400) ?? RunExecution.UsualCheckpointInterval;

    /// <summary><c>LDC_MAX_ATTEMPTS</c>: after so many attempts in a row without a new checkpoint a run is abandoned.</summary>
    public static int MaxAttempts()
    {
        if (Environment.GetEnvironmentVariable("LDC_MAX_ATTEMPTS") is not { Length: > 0 } text)
            return RunClaims.UsualMaxFruitlessAttempts;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) && attempts is > 0 and <= 1000
            ? attempts
            : throw new BadInputException($"LDC_MAX_ATTEMPTS is '{text}'; it is a number from 1 to 1000.");
    }

    private static TimeSpan? Seconds(string variable, double least, double most)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text)
            return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= least
            && seconds <= most
            ? TimeSpan.FromSeconds(seconds)
            : throw new BadInputException(
                string.Create(CultureInfo.InvariantCulture, $"{variable} is '{text}'; it is a number of seconds from {least} to {most}."));
    }
}
