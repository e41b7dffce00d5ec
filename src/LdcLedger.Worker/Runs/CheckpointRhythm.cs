namespace LdcLedger.Worker.Runs;

/// <summary>
/// When a run saves what it has to go on from: every so often, and where writing takes long, so seldom that under 5 % of the time goes
/// there.
/// </summary>
/// <param name="interval">From one checkpoint to the next, at least: what a killed run loses at most, where writing is quick.</param>
/// <param name="bytes">Of a checkpoint.</param>
internal sealed class CheckpointRhythm(TimeSpan interval, long bytes, TimeProvider time)
{
    // Of training between two checkpoints, in times that one takes to write: 1 / (1 + 20) of all time is 4.8 %.
    private const int WritesApart = 20;

    // Bytes a second that a disk is taken to write before one has been written.
    private const double AssumedWriteRate = 200e6;

    private TimeSpan _write = TimeSpan.FromSeconds(bytes / AssumedWriteRate);
    private long _last = time.GetTimestamp();

    public bool IsDue
    {
        get
        {
            var trained = time.GetElapsedTime(_last);
            return trained >= interval && trained >= WritesApart * _write;
        }
    }

    /// <summary>Writes one; the next is due by how long this took.</summary>
    public string Writing(Func<string> write)
    {
        var began = time.GetTimestamp();
        var name = write();
        _write = time.GetElapsedTime(began);
        _last = time.GetTimestamp();
        return name;
    }
}
