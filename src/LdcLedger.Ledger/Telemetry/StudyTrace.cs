using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LdcLedger.Ledger.Telemetry;

/// <summary>
/// One trace per study, across machines and days: its trace id <em>is</em> the study's id, so that submit, relay, train and saga meet in
/// one trace without anybody carrying a context along, also when they are done again.
/// </summary>
public static class StudyTrace
{
    public const string Name = "LdcLedger";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);

    /// <summary>Begins a span of the study's trace; null where nobody listens.</summary>
    public static Activity? Start(string name, Guid study, Guid? run = null)
    {
        Span<byte> id = stackalloc byte[16];
        study.TryWriteBytes(id, bigEndian: true, out _);
        var parent = new ActivityContext(
            ActivityTraceId.CreateFromBytes(id), ActivitySpanId.CreateFromBytes(id[..8]), ActivityTraceFlags.Recorded, isRemote: true);
        var span = Source.StartActivity(name, ActivityKind.Internal, parent);
        span?.SetTag("ldc.study", study.ToString("D"));
        if (run is { } of)
            span?.SetTag("ldc.run", of.ToString("D"));
        return span;
    }
}
