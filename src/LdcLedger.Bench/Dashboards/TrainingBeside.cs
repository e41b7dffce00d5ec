using System.Net.ServerSentEvents;
using LdcLedger.Bench.Ledgers;
using LdcLedger.Domain;
using LdcLedger.Domain.Studies;
using LdcLedger.Ledger.Store;
using LdcLedger.Worker.Devices;

namespace LdcLedger.Bench.Dashboards;

/// <summary>
/// What training loses to an open dashboard in the same process: as many runs as there are cores at a time, by turns with the page of their
/// study open and without. Whoever looks costs these cores, too, but for drawing what a browser draws.
/// </summary>
internal sealed class TrainingBeside(LedgerStore store, HttpClient viewer, TimeProvider time)
{
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(500);

    /// <param name="studyIn">Writes the study's models and corpora into an empty folder, and says what it is.</param>
    /// <returns>
    /// Seconds of a run with the page open, and without; the processor's seconds of a round of either; pages that were fetched in a round.
    /// </returns>
    public async Task<(double With, double Without, double ProcessorWith, double ProcessorWithout, double Pages)> MeasureAsync(
        Func<string, StudyIdentity> studyIn, int rounds, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("ldc-bench-web-").FullName;
        try
        {
            var study = studyIn(folder);
            using var inputs = new RunInputs("cpu");
            await RoundAsync(study, inputs, folder, isLookedAt: true, cancellation);   // it loads model and corpus, and compiles
            var (with, without) = (new List<(double Run, double Processor)>(), new List<(double Run, double Processor)>());
            var pages = new List<double>();
            for (var round = 0; round < rounds; round++)
                foreach (var isLookedAt in round % 2 == 0 ? (bool[])[true, false] : [false, true])
                {
                    var before = Environment.CpuUsage.TotalTime;
                    var (seconds, fetched) = await RoundAsync(study, inputs, folder, isLookedAt, cancellation);
                    (isLookedAt ? with : without).Add((seconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds));
                    if (isLookedAt)
                        pages.Add(fetched);
                }
            return (
                Sample.Median(with.Select(w => w.Run)), Sample.Median(without.Select(w => w.Run)),
                Sample.Median(with.Select(w => w.Processor)), Sample.Median(without.Select(w => w.Processor)), Sample.Median(pages));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<(double Seconds, int Pages)> RoundAsync(
        StudyIdentity study, RunInputs inputs, string folder, bool isLookedAt, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var looking = Task.FromResult(0);
        var lengths = await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(i => Task.Factory.StartNew(
            () => RecordingShare.TrainAsync(
                store, time, study, inputs, Path.Combine(folder, $"{i}"), id =>
                {
                    if (isLookedAt && i == 0)
                        looking = Task.Run(() => LookAsync(id, end.Token), end.Token);
                }, cancellation),
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        await end.CancelAsync();
        return (lengths.Average(l => l.Length), await looking);
    }

    private async Task<int> LookAsync(Guid study, CancellationToken cancellation)
    {
        var pages = 0;
        try
        {
            await using var line = await viewer.GetStreamAsync($"live?study={study}", cancellation);
            await foreach (var item in SseParser.Create(line).EnumerateAsync(cancellation))
            {
                if (item.EventType != "moved")
                    continue;
                using var part = new HttpRequestMessage(HttpMethod.Get, $"studies/{study}");
                part.Headers.Add("HX-Request", "true");
                using var answer = await viewer.SendAsync(part, cancellation);
                await answer.Content.ReadAsByteArrayAsync(cancellation);
                pages++;
                await Task.Delay(AskInterval, time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The runs have ended.
        }
        return pages;
    }
}
