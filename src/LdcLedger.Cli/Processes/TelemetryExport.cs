using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Ledger.Settings;
using LdcLedger.Ledger.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LdcLedger.Cli.Processes;

/// <summary>
/// Traces and metrics to an OpenTelemetry collector, configured by the standard variables alone (OTEL_EXPORTER_OTLP_ENDPOINT,
/// OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_SDK_DISABLED, ...).
/// Nothing is collected or sent where no endpoint is named.
/// </summary>
internal sealed class TelemetryExport : IDisposable
{
    private static readonly string[] Sources = [StudyTrace.Name, "MassTransit", "Marten"];
    private static readonly IReadOnlyList<string> Endpoints =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];
    private static readonly IReadOnlyList<string> Headers =
        ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"];
    private static readonly TimeSpan SendsWithin = TimeSpan.FromSeconds(1.5);
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    /// <param name="role">serve, worker, ...: the service's name unless OTEL_SERVICE_NAME says another.</param>
    public TelemetryExport(string role)
    {
        if (!IsWanted)
            return;
        CheckVariables();
        var resource = ResourceBuilder.CreateEmpty().AddService($"ldc-{role}").AddTelemetrySdk().AddEnvironmentVariableDetector();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Sources).AddOtlpExporter().Build();
    }

    private static bool IsWanted =>
        !string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && Endpoints.Any(v => Environment.GetEnvironmentVariable(v) is { Length: > 0 });

    // What OpenTelemetry cannot read it passes over in silence, or quotes.
    private static void CheckVariables()
    {
        foreach (var endpoint in Endpoints)
            if (Environment.GetEnvironmentVariable(endpoint) is { Length: > 0 } address
                && !(Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
                throw new SettingRefused($"{endpoint} cannot be read; it is http://host:port, or https:// for TLS.");
        foreach (var headers in Headers)
            if (Environment.GetEnvironmentVariable(headers) is { Length: > 0 } list
                && list.Split(',').Any(h => h.Trim().Length > 0 && h.IndexOf('=') < 1))
                throw new SettingRefused($"{headers} cannot be read; it is name=value,name=value.");
    }

    /// <summary>Sends what has not been sent yet; a collector that does not answer is not waited for, and said.</summary>
    public void Dispose()
    {
        if (_traces is null && _metrics is null)
            return;
        // Each of them waits for up to 10 s by itself, on threads that do not keep the process alive.
        var sent = Task.WhenAll(Task.Run(() => _traces?.Dispose()), Task.Run(() => _metrics?.Dispose()));
        if (!sent.Wait(SendsWithin))
            Screen.Say(string.Create(CultureInfo.InvariantCulture,
                $"The telemetry collector (OTEL_EXPORTER_OTLP_ENDPOINT) did not answer within {SendsWithin.TotalSeconds} s; "
                + $"what it was to be sent last is lost, and nothing of the ledger."));
    }
}
