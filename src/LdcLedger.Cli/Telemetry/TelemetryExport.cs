using LdcLedger.Ledger.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LdcLedger.Cli.Telemetry;

/// <summary>
/// Traces and metrics to an OpenTelemetry collector, configured by the standard variables alone (OTEL_EXPORTER_OTLP_ENDPOINT,
/// OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_EXPORTER_OTLP_HEADERS, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_SDK_DISABLED, ...). Nothing
/// is collected or sent where no endpoint is named.
/// </summary>
internal sealed class TelemetryExport : IDisposable
{
    private static readonly string[] Sources = [StudyTrace.Name, "MassTransit", "Marten"];
    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    /// <param name="role">serve, worker, ...: the service's name unless OTEL_SERVICE_NAME says another.</param>
    public TelemetryExport(string role)
    {
        if (!IsWanted)
            return;
        var resource = ResourceBuilder.CreateEmpty().AddService($"ldc-{role}").AddTelemetrySdk().AddEnvironmentVariableDetector();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Sources).AddOtlpExporter().Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Sources).AddOtlpExporter().Build();
    }

    private static bool IsWanted =>
        !string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && new[] { "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT" }
            .Any(v => Environment.GetEnvironmentVariable(v) is { Length: > 0 });

    /// <summary>Sends what has not been sent yet.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }
}
