using System.Collections.Concurrent;
using System.Net;
using LdcLedger.Domain;

namespace LdcLedger.Bench.Dashboards;

/// <summary>How a route was answered.</summary>
/// <param name="Route">Its pattern, with what it was asked for.</param>
/// <param name="Kind">page, answer, frozen, long or stream.</param>
/// <param name="MedianMs">Until the last byte; of a long answer and of a stream until the first.</param>
/// <param name="Bytes">On the line, compressed, of the largest answer.</param>
/// <param name="ProcessorMs">Of this process for an answer, of who asks and of the study that goes on meanwhile included.</param>
/// <param name="AloneMs">p95 of the first question for each address, one at a time: nobody has looked at it before.</param>
public sealed record RouteFigure(
    string Route, string Kind, int Questions, double MedianMs, double P95Ms, double LongestMs, double ProcessorMs, long Bytes,
    double AloneMs);

/// <summary>Viewers who ask at the same time, each on a line of its own, without a pause.</summary>
internal sealed class RouteLoad(IReadOnlyList<HttpClient> viewers, TimeProvider time)
{
    // Of what is asked alone: at least so many addresses, and no more of them than fit in so many times the span.
    private const int LeastAlone = 4, MostSpansAlone = 10;

    /// <summary>
    /// Asks for each of a route's addresses once, one at a time; then all viewers ask for as long as is given, and for twice as many
    /// answers as there are viewers at least.
    /// </summary>
    public async Task<RouteFigure> OfAsync(AskedRoute route, TimeSpan span, CancellationToken cancellation)
    {
        var (alone, started) = (new List<double>(), time.GetTimestamp());
        for (var i = 0; i < route.Addresses.Count && (i < LeastAlone || time.GetElapsedTime(started) < MostSpansAlone * span); i++)
            alone.Add((await AskAsync(viewers[0], route, i, cancellation)).Milliseconds);
        var taken = new ConcurrentBag<double>();
        var (begun, next, largest, processor) = (time.GetTimestamp(), 0, 0L, Environment.CpuUsage.TotalTime);
        await Task.WhenAll(viewers.Select(viewer => Task.Run(async () =>
        {
            while (time.GetElapsedTime(begun) < span || taken.Count < 2 * viewers.Count)
            {
                var (took, bytes) = await AskAsync(viewer, route, Interlocked.Increment(ref next), cancellation);
                taken.Add(took);
                InterlockedMax(ref largest, bytes);
            }
        }, cancellation)));
        return new(
            route.Name, route.Kind.ToString().ToLowerInvariant(), taken.Count, Sample.Median(taken), Sample.P95(taken), taken.Max(),
            (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / taken.Count, largest, Sample.P95(alone));
    }

    private async Task<(double Milliseconds, long Bytes)> AskAsync(
        HttpClient viewer, AskedRoute route, int number, CancellationToken cancellation)
    {
        var address = route.Addresses[number % route.Addresses.Count];
        var begun = time.GetTimestamp();
        using var question = new HttpRequestMessage(HttpMethod.Get, address.TrimStart('/'));
        question.Headers.AcceptEncoding.ParseAdd("gzip");
        using var answer = await viewer.SendAsync(question, HttpCompletionOption.ResponseHeadersRead, cancellation);
        // What is made for one question alone is made for two at a time; the others are told to come again.
        if (!answer.IsSuccessStatusCode && !(route.Kind == AddressKind.Long && answer.StatusCode == HttpStatusCode.TooManyRequests))
            throw new InvalidOperationException(
                $"{address} was answered with {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellation)}");
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[64 << 10];
        var bytes = (long)await body.ReadAsync(buffer, cancellation);
        var begins = time.GetElapsedTime(begun).TotalMilliseconds;
        for (var read = (int)bytes; read > 0 && route.Kind != AddressKind.Stream; bytes += read)
            read = await body.ReadAsync(buffer, cancellation);
        return (route.Kind is AddressKind.Long or AddressKind.Stream ? begins : time.GetElapsedTime(begun).TotalMilliseconds, bytes);
    }

    private static void InterlockedMax(ref long most, long value)
    {
        for (var seen = Interlocked.Read(ref most); seen < value;)
            seen = Interlocked.CompareExchange(ref most, value, seen) is var was && was == seen ? value : was;
    }
}
