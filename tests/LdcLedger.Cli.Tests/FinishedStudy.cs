using System.Diagnostics;
using LdcLedger.Cli.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(FinishedStudy))]

namespace LdcLedger.Cli.Tests;

/// <summary>A small study that was run to its end once, when somebody first asked for it; each test does what it likes to a copy.</summary>
public sealed class FinishedStudy : IDisposable
{
    private readonly Lazy<Task<(SmallStudy Study, Call Run)>> _whole = new(async () =>
    {
        var study = new SmallStudy();
        // Not by Ask: a server that is kept running cannot be copied.
        return (study, await Ldc.RunIn(study["."], study.Settings, "study", "run", "study.yaml", "--out", "results"));
    });

    /// <returns>The copy, and what was said when the study was run.</returns>
    internal async Task<(SmallStudy Study, Call Run)> CopyAsync()
    {
        var (study, run) = await _whole.Value;
        Assert.True(run.Code == 0, run.Err);
        var copy = new SmallStudy();
        using var cp = Process.Start("cp", ["-a", study["data"], study["results"], copy["."]]);
        await Ldc.ExitAsync(cp);
        Assert.Equal(0, cp.ExitCode);
        return (copy, run);
    }

    public void Dispose()
    {
        if (_whole is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            _whole.Value.Result.Study.Dispose();
    }
}
