using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using LdcLedger.Domain;

namespace LdcLedger.Bench.Dashboards;

/// <summary>
/// What it costs the server that many look at one study, against one: the processor's time for each event that all of them see. Those who
/// look are one thread with plain sockets, whose own time is taken off; and so is what the event itself costs when nobody looks.
/// </summary>
internal sealed class ManyViewers(Uri server, IReadOnlyList<string> tokens, LiveStudy study, TimeProvider time)
{
    private static readonly TimeSpan RecordInterval = TimeSpan.FromMilliseconds(500);

    /// <param name="events">Of each block: with nobody, one and all, by turns.</param>
    /// <param name="blocks">How often it is each one's turn.</param>
    /// <returns>Milliseconds of the processor for an event beyond what it costs without a viewer: of one viewer, and of all.</returns>
    public async Task<(double One, double All)> MeasureAsync(int events, int blocks, CancellationToken cancellation)
    {
        var costs = new Dictionary<int, List<double>> { [0] = [], [1] = [], [tokens.Count] = [] };
        foreach (var count in costs.Keys)
            await CostAsync(count, 1, cancellation);   // the first time warms up
        for (var block = 0; block < blocks; block++)
            foreach (var (count, cost) in costs)
                cost.Add(await CostAsync(count, events, cancellation));
        var nobody = Sample.Median(costs[0]);
        return (Sample.Median(costs[1]) - nobody, Sample.Median(costs[tokens.Count]) - nobody);
    }

    private async Task<double> CostAsync(int count, int events, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var crowd = new Crowd(server, tokens.Take(count).ToList(), study.Id);
        var looking = Task.Factory.StartNew(
            () => crowd.Look(end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await SeenAsync(crowd, looking, cancellation);
        var (begun, own) = (Environment.CpuUsage.TotalTime, crowd.OwnTime);
        using (var rhythm = new PeriodicTimer(RecordInterval, time))
            for (var i = 0; i < events; i++)
            {
                await study.RecordAsync(cancellation);
                await SeenAsync(crowd, looking, cancellation);
                await rhythm.WaitForNextTickAsync(cancellation);
            }
        var cost = Environment.CpuUsage.TotalTime - begun - (crowd.OwnTime - own);
        await end.CancelAsync();
        await looking;
        return cost.TotalMilliseconds / events;
    }

    private async Task SeenAsync(Crowd crowd, Task looking, CancellationToken cancellation)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20), time);
        for (var begun = time.GetTimestamp(); crowd.AllHaveSeen < study.Place && !looking.IsCompleted;)
        {
            if (time.GetElapsedTime(begun) > TimeSpan.FromSeconds(30))
                throw new TimeoutException($"Of {tokens.Count} viewers some did not see event {study.Place} within 30 s.");
            await look.WaitForNextTickAsync(cancellation);
        }
        if (looking.IsFaulted)
            await looking;
    }

    /// <summary>Two plain connections for each: the line, and one for the page.</summary>
    private sealed class Crowd(Uri server, IReadOnlyList<string> tokens, Guid study)
    {
        private static readonly byte[] Moved = "event: moved"u8.ToArray(), Ends = "\r\n\r\n"u8.ToArray();

        private readonly List<Viewer> _viewers = [];
        private long _ownNanoseconds, _allHaveSeen = tokens.Count == 0 ? long.MaxValue : 0;

        /// <summary>The place in the whole ledger that everybody has a page of; without anybody, the end of all.</summary>
        public long AllHaveSeen => Interlocked.Read(ref _allHaveSeen);

        /// <summary>The processor's time of the thread that looks.</summary>
        public TimeSpan OwnTime => TimeSpan.FromMicroseconds(Interlocked.Read(ref _ownNanoseconds) / 1_000.0);

        public void Look(CancellationToken cancellation)
        {
            if (tokens.Count == 0)
                return;
            try
            {
                foreach (var token in tokens)
                    _viewers.Add(new(server, token, study));
                var of = _viewers.SelectMany(v => v.Sockets.Select(s => (s, v))).ToDictionary(p => p.s, p => p.v);
                while (!cancellation.IsCancellationRequested)
                {
                    List<Socket> ready = [.. of.Keys];
                    Socket.Select(ready, null, null, TimeSpan.FromMilliseconds(50));
                    foreach (var socket in ready)
                        of[socket].Read(socket);
                    Interlocked.Exchange(ref _allHaveSeen, _viewers.Min(v => v.Seen));
                    Interlocked.Exchange(ref _ownNanoseconds, ThreadTime());
                }
            }
            finally
            {
                foreach (var viewer in _viewers)
                    viewer.Dispose();
            }
        }

        private static long ThreadTime()
        {
            const int ThisThreadsProcessorTime = 3;
            return ClockGetTime(ThisThreadsProcessorTime, out var now) == 0 ? now.Seconds * 1_000_000_000 + now.Nanoseconds
                : throw new InvalidOperationException("The system does not tell the processor's time of a thread.");
        }

        [DllImport("libc", EntryPoint = "clock_gettime")]
        private static extern int ClockGetTime(int clock, out TimeSpec time);

        [StructLayout(LayoutKind.Sequential)]
        private struct TimeSpec
        {
            public long Seconds;
            public long Nanoseconds;
        }

        private sealed class Viewer : IDisposable
        {
            private readonly Socket _line, _page;
            private readonly byte[] _ask, _buffer = new byte[256 << 10];
            private long _place, _left = -1;
            private bool _again;

            public Viewer(Uri server, string token, Guid study)
            {
                (_line, _page) = (Connect(server), Connect(server));
                _ask = Request($"/studies/{study}", server, token, "HX-Request: true\r\nAccept-Encoding: gzip\r\n");
                _line.Send(Request($"/live?study={study}", server, token, "Accept: text/event-stream\r\n"));
            }

            public IReadOnlyList<Socket> Sockets => [_line, _page];

            /// <summary>The place in the whole ledger that its page is of.</summary>
            public long Seen { get; private set; }

            public void Read(Socket socket)
            {
                var read = socket.Receive(_buffer);
                if (read == 0)
                    throw new IOException("The server ended a line.");
                if (socket == _line)
                    Hear(_buffer.AsSpan(0, read));
                else
                    Take(_buffer.AsSpan(0, read));
            }

            private void Hear(ReadOnlySpan<byte> heard)
            {
                if (heard.IndexOf(Moved) < 0)
                    return;
                if (_left >= 0)
                    _again = true;
                else
                    Ask();
            }

            private void Ask()
            {
                (_again, _left) = (false, 0);
                _page.Send(_ask);
            }

            private void Take(ReadOnlySpan<byte> taken)
            {
                if (_left == 0)
                {
                    // The head of an answer comes in one piece with the beginning of its body.
                    var end = taken.IndexOf(Ends);
                    var head = Encoding.ASCII.GetString(taken[..end]);
                    if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                        throw new IOException($"The page was answered with {head[..Math.Min(80, head.Length)]}.");
                    _place = Header(head, "Ledger-Position");
                    _left = Header(head, "Content-Length");
                    taken = taken[(end + Ends.Length)..];
                }
                _left -= taken.Length;
                if (_left > 0)
                    return;
                (Seen, _left) = (_place, -1);
                if (_again)
                    Ask();
            }

            private static long Header(string head, string name)
            {
                var at = head.IndexOf(name + ": ", StringComparison.OrdinalIgnoreCase) + name.Length + 2;
                var end = head.IndexOf('\r', at);
                return long.Parse(head[at..(end < 0 ? head.Length : end)], CultureInfo.InvariantCulture);
            }

            public void Dispose()
            {
                _line.Dispose();
                _page.Dispose();
            }

            private static Socket Connect(Uri server)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Connect(IPAddress.Loopback, server.Port);
                return socket;
            }

            private static byte[] Request(string path, Uri server, string token, string headers) => Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {token}\r\n{headers}\r\n");
        }
    }
}
