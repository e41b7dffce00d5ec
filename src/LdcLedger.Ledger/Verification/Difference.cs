using System.Globalization;

namespace LdcLedger.Ledger.Verification;

/// <summary>What was done to a ledger behind its back.</summary>
public enum DifferenceKind
{
    /// <summary>A field of an event is not what was recorded.</summary>
    Edited,

    /// <summary>An event is filed under another study than its data says.</summary>
    Membership,

    /// <summary>An event's headers are not its chain hash alone, or not the hash that was recorded.</summary>
    Headers,

    /// <summary>An event or a stream was archived, so that readers pass it over.</summary>
    Archived,

    /// <summary>An event names another .NET type than its kind has.</summary>
    DotnetType,

    /// <summary>An event stands elsewhere in the ledger's order.</summary>
    Order,

    /// <summary>An event, or all of a stream, is gone.</summary>
    Missing,

    /// <summary>An event is there that was not recorded.</summary>
    Added,

    /// <summary>The row that says where a stream ends does not fit its events.</summary>
    StreamEnd,

    /// <summary>A seal is not one, or does not follow from the seal before it.</summary>
    Seal,

    /// <summary>The stored trees are not those of the events.</summary>
    Tree,

    /// <summary>The ledger is not the one that a checkpoint was taken of.</summary>
    Checkpoint,
}

/// <summary>A place where a ledger is not what was recorded.</summary>
/// <param name="Stream">The stream that it is about, or the tree of a stream; null: the ledger as a whole.</param>
/// <param name="Version">The event's place in the stream; null where it is about the whole stream.</param>
/// <param name="Field">A column, with a key behind it where only that differs: data, headers.chain, correlation_id, ...</param>
/// <param name="What">The rest of the sentence.</param>
/// <param name="Type">Of the event, where it is known.</param>
public sealed record Difference(DifferenceKind Kind, Guid? Stream, long? Version, string Field, string What, string? Type = null)
{
    /// <summary>The kind, for people and scripts: <c>stream_end</c>, ...</summary>
    public string Name => Kind switch
    {
        DifferenceKind.Edited => "edited",
        DifferenceKind.Membership => "membership",
        DifferenceKind.Headers => "headers",
        DifferenceKind.Archived => "archived",
        DifferenceKind.DotnetType => "dotnet_type",
        DifferenceKind.Order => "order",
        DifferenceKind.Missing => "missing",
        DifferenceKind.Added => "added",
        DifferenceKind.StreamEnd => "stream_end",
        DifferenceKind.Seal => "seal",
        DifferenceKind.Tree => "tree",
        DifferenceKind.Checkpoint => "checkpoint",
    };

    /// <summary>One line.</summary>
    public override string ToString()
    {
        var place = (Stream, Version) switch
        {
            (null, _) => "the ledger",
            ({ } stream, null) => $"stream {stream}",
            ({ } stream, { } version) => string.Create(CultureInfo.InvariantCulture, $"version {version} of stream {stream}"),
        };
        return $"{Name}: {place}{(Type is null ? "" : $" ({Type})")}, {Field}: {What}";
    }
}
