using LdcLedger.Ledger.Checks;
using LdcLedger.Ledger.Runs;
using LdcLedger.Web.Access;
using LdcLedger.Web.Views;

namespace LdcLedger.Web.Api;

/// <param name="Position">Place in the whole ledger up to which the read models contain every event.</param>
/// <param name="Last">Place of the newest event.</param>
/// <param name="LagSeconds">Age of the oldest event that the read models do not contain; null where they contain all.</param>
/// <param name="StillSince">Since when they have not moved though there are events for them; null: they follow.</param>
public sealed record PositionAnswer(long Position, long Last, double? LagSeconds, DateTimeOffset? StillSince);

public sealed record WorkersAnswer(IReadOnlyList<WorkerAnswer> Items);

/// <param name="SecondsAgo">Age of its last sign of life.</param>
public sealed record WorkerAnswer(WorkerSign Sign, bool IsAlive, double SecondsAgo);

/// <param name="Number">Which of the seals: 1, 2, ...</param>
/// <param name="Position">Events that it is over, from the first on.</param>
/// <param name="Checkpoint">As `ldc ledger seal` writes it: keep it elsewhere.</param>
/// <param name="Event">That recorded it.</param>
public sealed record SealAnswer(
    long Number, DateTimeOffset SealedAt, long Position, string Root, long PreviousPosition, string Checkpoint, Guid Event);

public sealed record SealsAnswer(IReadOnlyList<SealAnswer> Items);

/// <param name="Study">The one study that there is for you; null: all.</param>
/// <param name="UpToPosition">The last position of it; null: all.</param>
public sealed record SessionAnswer(string Name, string Role, Guid? Study, long? UpToPosition);

/// <summary>One line for each thing that has to work.</summary>
public sealed record DoctorAnswer(IReadOnlyList<Finding> Items);

/// <summary>What is answered of the ledger itself, and of who asks.</summary>
internal static class LedgerApi
{
    public static Task<PositionAnswer> Position(View view) =>
        Task.FromResult(new PositionAnswer(
            view.State.Position, view.State.Last, view.State.Lag?.TotalSeconds, view.State.Trend.StillSince));

    public static async Task<WorkersAnswer> WorkersAsync(View view) => new([.. (await new WorkerRegister(view.Ledger.Store)
        .AllAsync(view.Cancellation)).Select(seen => new WorkerAnswer(seen.Sign, seen.IsAlive, seen.SecondsAgo))]);

    /// <summary>Newest first.</summary>
    public static async Task<SealsAnswer> SealsAsync(View view) => new([.. (await view.SealsAsync())
        .Select(seal => new SealAnswer(
            seal.Event.Version, seal.Event.Timestamp, seal.Fact.Position, seal.Fact.Root, seal.Fact.PreviousPosition, seal.Fact.Checkpoint,
            seal.Event.Id))]);

    public static Task<SessionAnswer> Session(View view) => Task.FromResult(new SessionAnswer(
        view.Viewer.Name, view.Viewer.Role == Role.Operator ? "operator" : "reader", view.Viewer.Study, view.Viewer.At));
}
