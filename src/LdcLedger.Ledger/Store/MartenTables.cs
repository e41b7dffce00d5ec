namespace LdcLedger.Ledger.Store;

/// <summary>What Marten calls its tables, in one PostgreSQL schema. Nothing else in the program knows these names.</summary>
public sealed class MartenTables(string schema)
{
    /// <summary>Name of the column that keeps an event's .NET type.</summary>
    internal const string DotnetType = "mt_dotnet_type";

    /// <summary>The tenant of every row: there is but one.</summary>
    internal const string Tenant = "*DEFAULT*";

    /// <summary>
    /// Type of the rows with which Marten fills the places that a refused append had drawn, so that nobody waits for them: no events,
    /// nobody reads them, and no chain goes through them. Each process has a stream of its own for them, whose version stays 0.
    /// </summary>
    internal const string Tombstone = "tombstone";

    /// <summary>What Marten writes into the column of .NET types.</summary>
    internal static string DotnetTypeOf(Type record) => $"{record.FullName}, {record.Assembly.GetName().Name}";

    /// <summary>Names of the tables without their schema, as differences name them.</summary>
    internal const string EventsName = "mt_events", StreamsName = "mt_streams";

    /// <summary>Every event: seq_id, id, stream_id, version, type, data, timestamp, causation_id, correlation_id, headers, ...</summary>
    public string Events { get; } = $"{schema}.{EventsName}";

    /// <summary>Every stream and its version.</summary>
    public string Streams { get; } = $"{schema}.{StreamsName}";

    /// <summary>How far projections and relay have come: name, last_seq_id.</summary>
    public string Progress { get; } = $"{schema}.mt_event_progression";

    /// <summary>Gives events their place in the whole ledger.</summary>
    public string EventsSequence { get; } = $"{schema}.mt_events_sequence";

    /// <summary>Name of the constraint that ties events to their stream.</summary>
    internal string StreamForeignKey => "fkey_mt_events_stream_id";

    /// <summary>A time of a document, as its index has it.</summary>
    internal string Time(string key) => $"{schema}.mt_immutable_timestamptz(data ->> '{key}')";

    /// <summary>The documents of one type: id, data.</summary>
    public string Documents<T>() => Documents(typeof(T));

    /// <summary>Likewise.</summary>
    public string Documents(Type type) => Documents(type.Name);

    /// <summary>The folds of whole studies, which version 3 of the tables has no more.</summary>
    internal string StudyStates => Documents("StudyState");

    private string Documents(string type) => $"{schema}.mt_doc_{type.ToLowerInvariant()}";
}
