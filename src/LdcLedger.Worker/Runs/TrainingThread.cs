namespace LdcLedger.Worker.Runs;

/// <summary>Training holds its thread for minutes to hours: not one of the pool's, which everybody else waits for.</summary>
internal static class TrainingThread
{
    /// <summary>Ends as <paramref name="work"/> does.</summary>
    public static Task Run(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception cause)
            {
                done.SetException(cause);
            }
        }) { IsBackground = true, Name = "train" }.Start();
        return done.Task;
    }
}
